package main

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

const (
	networkPackage = "github.com/libp2p/go-libp2p/core/network"
	timeRate       = "golang.org/x/time/rate"
	libp2pRate     = "github.com/libp2p/go-libp2p/x/rate"
)

// framing are the functions that read or write the length prefix of a frame, by
// the package that has them; a name that ends in * stands for all that begin so.
var framing = map[string][]string{
	"encoding/binary": {"Uvarint", "ReadUvarint", "PutUvarint", "AppendUvarint"},
	"google.golang.org/protobuf/encoding/protodelim": {"*"},
	"github.com/libp2p/go-msgio":                     {"NewVarint*"},
	"github.com/libp2p/go-msgio/pbio":                {"*"},
	"github.com/multiformats/go-varint":              {"*"},
}

func lifeCycles(files []file) []string {
	wraps := map[string]bool{}
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == "SetStreamHandler" {
				wraps[f.pkg()] = true
			}
		}
	}
	return packages(files, func(f file) bool {
		return !wraps[f.pkg()] && has(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return false
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			return ok && (selector.Sel.Name == "SetStreamHandler" || selector.Sel.Name == "SetStreamHandlerMatch")
		})
	})
}

func frameCodecs(files []file) []string {
	streams := packages(files, func(f file) bool { return imported(f.tree, networkPackage) != "" })
	return packages(files, func(f file) bool {
		return slices.Contains(streams, f.pkg()) && has(f.tree, func(n ast.Node) bool {
			for from, names := range framing {
				if slices.ContainsFunc(names, func(name string) bool { return uses(f.tree, n, from, name) }) {
					return true
				}
			}
			return false
		})
	})
}

func limiters(files []file) []string {
	return packages(files, func(f file) bool {
		return has(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				return uses(f.tree, n.Type, libp2pRate, "Limiter")
			case *ast.TypeSpec:
				return strings.EqualFold(n.Name.Name, "bucket")
			}
			return uses(f.tree, n, timeRate, "NewLimiter")
		})
	})
}

func largePackages(files []file) (found []string) {
	count := map[string]int{}
	for _, f := range files {
		count[f.pkg()]++
	}
	for pkg, n := range count {
		if n > 30 && pkg != "chain/x/datapool/keeper" && pkg != "cmd/pdx" {
			found = append(found, pkg+": "+strconv.Itoa(n)+" files")
		}
	}
	slices.Sort(found)
	return found
}

// packages returns the folders that have a file for which is holds, sorted.
func packages(files []file, is func(file) bool) (found []string) {
	for _, f := range files {
		if !slices.Contains(found, f.pkg()) && is(f) {
			found = append(found, f.pkg())
		}
	}
	slices.Sort(found)
	return found
}

// has reports whether is holds for a node of the tree.
func has(tree *ast.File, is func(ast.Node) bool) (found bool) {
	ast.Inspect(tree, func(n ast.Node) bool {
		found = found || n != nil && is(n)
		return !found
	})
	return found
}

// uses reports whether a node is the selector of a name in a package.
func uses(tree *ast.File, n ast.Node, pkg, name string) bool {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := selector.X.(*ast.Ident)
	if !ok || of.Name != imported(tree, pkg) {
		return false
	}
	prefix, wild := strings.CutSuffix(name, "*")
	return selector.Sel.Name == name || wild && strings.HasPrefix(selector.Sel.Name, prefix)
}

// imported returns the name by which a file knows a package, empty if it does not.
func imported(tree *ast.File, pkg string) string {
	for _, spec := range tree.Imports {
		switch path, _ := strconv.Unquote(spec.Path.Value); {
		case path != pkg:
		case spec.Name != nil:
			return spec.Name.Name
		default:
			return strings.TrimPrefix(pkg[strings.LastIndex(pkg, "/")+1:], "go-")
		}
	}
	return ""
}
