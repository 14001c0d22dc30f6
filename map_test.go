package pdx_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rooms are the folders of the map in doc.go.
func rooms(t *testing.T) []string {
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

// TestMapOfTheHouse wants every room of the map to exist, and every folder of Go
// code one floor below the root to be in it. What belongs to a room needs no line
// of its own: generated code, the helpers of integration, the tools.
func TestMapOfTheHouse(t *testing.T) {
	mapped := rooms(t)
	require.NotEmpty(t, mapped)
	for _, room := range mapped {
		require.DirExists(t, room)
	}
	files, err := filepath.Glob("*/*/*.go")
	require.NoError(t, err)
	for _, file := range files {
		room := filepath.Dir(file)
		top, name := filepath.Split(room)
		if top == "integration/" || top == "tools/" || strings.HasSuffix(name, "pb") {
			continue
		}
		require.Contains(t, mapped, room, "the map of the house lacks it")
	}
}
