package pdx_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mapped are the folders of the map in doc.go.
func mapped(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var all []string
	for _, line := range regexp.MustCompile(`(?m)^//\t(\S+) `).FindAllStringSubmatch(string(raw), -1) {
		if parent, names, several := strings.Cut(strings.TrimSuffix(line[1], "}"), "{"); several {
			for name := range strings.SplitSeq(names, ",") {
				all = append(all, parent+name)
			}
			continue
		}
		all = append(all, line[1])
	}
	return all
}

// TestMap wants every folder of the map to exist, and every folder of Go code one
// level below the root to be in it. What belongs to a folder needs no line of its
// own: generated code, the helpers of integration, the tools.
func TestMap(t *testing.T) {
	folders := mapped(t)
	require.NotEmpty(t, folders)
	for _, folder := range folders {
		require.DirExists(t, folder)
	}
	files, err := filepath.Glob("*/*/*.go")
	require.NoError(t, err)
	for _, file := range files {
		folder := filepath.Dir(file)
		top, name := filepath.Split(folder)
		if top == "integration/" || top == "tools/" || strings.HasSuffix(name, "pb") {
			continue
		}
		require.Contains(t, folders, folder, "the map in doc.go lacks it")
	}
}
