package node_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scans are the functions that may read a whole table, each with who asks it to.
// None may be the work of a peer's request: that is answered from an index in
// memory (node/store.Serving makes such a read fail).
var scans = map[string]string{
	"recordsets/sets.go Load":        "the start: the record sets of open pools, once",
	"validator/records.go fill":      "the start: the index is filled",
	"buyer/service.go load":          "the start: the owner's pools, whose documents are public",
	"buyer/order.go Orders":          "the owner",
	"seller/mend.go amongData":       "a lost ciphertext: what it was sealed from is looked for among the owner's data",
	"buyer/adopt.go creationsByKey":  "the comparison with the chain: own pools",
	"home/backup_plan.go sales":      "the owner",
	"home/backup_plan.go recordSets": "the owner",
	"home/backup_plan.go pulls":      "the owner",
	"home/backup_plan.go pools":      "the owner",
	"home/backup_plan.go promises":   "the owner",
}

func TestOnlyTheseReadWholeTables(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasSuffix(path, "test") {
			return fs.SkipDir // a package for tests
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && readsAll(f) {
				found[filepath.ToSlash(path)+" "+f.Name.Name] = true
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	for place := range found {
		require.Contains(t, scans, place,
			"%s reads a whole table: can a peer make it? If so, keep an index in memory; if not, say here who can", place)
	}
}

// readsAll reports whether a function calls a method All or Count with a context.
func readsAll(f *ast.FuncDecl) (reads bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if ok && (method.Sel.Name == "All" || method.Sel.Name == "Count") && isContext(call.Args[0]) {
			reads = true
		}
		return true
	})
	return reads
}

func isContext(arg ast.Expr) bool {
	switch a := arg.(type) {
	case *ast.Ident:
		return strings.Contains(strings.ToLower(a.Name), "ctx")
	case *ast.CallExpr:
		f, ok := a.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := f.X.(*ast.Ident)
		return ok && (pkg.Name == "context" || f.Sel.Name == "Context")
	}
	return false
}
