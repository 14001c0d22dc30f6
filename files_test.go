package pdx_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// forbidden are functions that the product calls nowhere but in those files, and why.
var forbidden = []struct {
	pkg   string
	names []string
	but   []string
	why   string
}{
	{"path/filepath", []string{"Glob", "Match"}, nil, "a path of somebody is no pattern: read the folder and compare names"},
	{"path", []string{"Match"}, nil, "a path of somebody is no pattern: compare names"},
	{"io/fs", []string{"Glob"}, nil, "a path of somebody is no pattern: read the folder and compare names"},
	{
		"os",
		[]string{"Rename"},
		[]string{
			"internal/durable/durable.go",
			"transfer/blob/fs/disk.go",                        // has a file system of its own, whose power its tests cut
			"node/seller/internal/records/folder_disclose.go", // syncs each folder once, after all its files
		},
		"a new name is lost in a power cut until its folder is synced: use internal/durable",
	},
}

// TestFilesAreHandledWithCare looks for those functions in the whole tree.
func TestFilesAreHandledWithCare(t *testing.T) {
	looked := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		looked++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, rule := range forbidden {
			if name := imported(file, rule.pkg); name != "" && !slices.Contains(rule.but, filepath.ToSlash(path)) {
				for _, used := range uses(file, name) {
					require.NotContains(t, rule.names, used, "%s: %s.%s: %s", path, rule.pkg, used, rule.why)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, looked, 300)
}

// imported is the name by which a file knows a package, empty if it does not.
func imported(file *ast.File, pkg string) string {
	for _, spec := range file.Imports {
		if strings.Trim(spec.Path.Value, `"`) != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return pkg[strings.LastIndex(pkg, "/")+1:]
	}
	return ""
}

// uses are what a file takes from a package of that name.
func uses(file *ast.File, pkg string) (names []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok && of.Name == pkg {
				names = append(names, selector.Sel.Name)
			}
		}
		return true
	})
	return names
}
