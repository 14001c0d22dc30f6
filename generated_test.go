package pdx_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	generatedName   = regexp.MustCompile(`\.(pb|pb\.gw|connect)\.go$`)
	generatedFolder = regexp.MustCompile(`(^|/)[a-z]+pb(/[a-z]+connect)?$|^chain/x/datapool/types$`)
	generatedFrom   = regexp.MustCompile(`(?m)^// [Ss]ource: (\S+\.proto)$`)
)

// TestGeneratedCode holds the rule of CONTRIBUTING.md: what is generated is known by
// its name and its folder, comes from a .proto file of ours, and nothing else has
// such a name. make drift compares the content.
func TestGeneratedCode(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.PackageClauseOnly|parser.ParseComments)
		require.NoError(t, err)
		require.Equal(t, generatedName.MatchString(path), ast.IsGenerated(file), "%s: its name must say whether it is generated", path)
		if !ast.IsGenerated(file) {
			return nil
		}
		found++
		require.Regexp(t, generatedFolder, filepath.ToSlash(filepath.Dir(path)), "%s: generated code lies in a package …pb", path)
		from := generatedFrom.FindSubmatch(source)
		require.NotNil(t, from, "%s names no .proto file", path)
		require.FileExists(t, filepath.Join("proto", string(from[1])), "%s: make generate makes it no longer: delete it", path)
		return nil
	})
	require.NoError(t, err)
	require.NotZero(t, found)
}
