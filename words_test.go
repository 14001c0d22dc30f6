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

// retired are words that meant too much, by the kind of thing that no longer has
// the name, and what to say instead. docs/architecture.md has the rule.
var retired = []struct {
	kind  string // package, function or text
	words []string
	use   string
}{
	{"package", []string{"wide"}, "multiconn"},
	{"package", []string{"path"}, "perf"},
	{"package", []string{"hello", "binding"}, "identity"},
	{"package", []string{"topic"}, "gossip"},
	{"package", []string{"content"}, "bao"},
	{"package", []string{"voucher"}, "ack"},
	{"package", []string{"fleet"}, "procs"},
	{"function", []string{"stir", "poke", "nudge", "kick", "rouse", "hurry"}, "notify.Signal"},
	{"text", []string{"tells " + "whether"}, "reports whether"},
}

func TestRetiredWords(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".pb.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, rule := range retired {
			for _, name := range named(file, rule.kind) {
				for _, word := range rule.words {
					require.False(t, name == word || rule.kind == "text" && strings.Contains(name, word), "%s: %s %q: say %s", path, rule.kind, word, rule.use)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
}

// named are the names of a kind in a file, or its comments.
func named(file *ast.File, kind string) (names []string) {
	switch kind {
	case "package":
		return []string{strings.TrimSuffix(file.Name.Name, "_test")}
	case "text":
		for _, comment := range file.Comments {
			names = append(names, strings.Join(strings.Fields(comment.Text()), " "))
		}
		return names
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			names = append(names, f.Name.Name)
		}
	}
	return slices.Compact(names)
}
