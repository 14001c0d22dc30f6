package pdx_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

// TestAttacks holds that every row of the table of attacks names who makes it, the move, its
// cost and its gain, and tests that exist.
func TestAttacks(t *testing.T) {
	spec, err := os.ReadFile("docs/spec/exchange.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(spec), "| attacker | move | costs it | gains it | tests |\n|---|---|---|---|---|\n")
	require.True(t, found, "docs/spec/exchange.md has no table of attacks")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	require.Greater(t, len(rows), 40)
	known := tests(t)
	for _, row := range rows {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		require.Len(t, cells, 5, row)
		for _, cell := range cells {
			require.NotEmpty(t, strings.TrimSpace(cell), row)
		}
		names := testName.FindAllStringSubmatch(cells[4], -1)
		require.NotEmpty(t, names, row)
		for _, name := range names {
			require.True(t, known[name[1]], "no test is called %s: %s", name[1], row)
		}
	}
}

// tests returns the names of all tests and fuzz targets below this folder.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, name := range testFunc.FindAllStringSubmatch(string(raw), -1) {
			known[name[1]] = true
		}
		return err
	}))
	return known
}
