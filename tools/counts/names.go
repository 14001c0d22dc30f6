package main

import (
	"go/ast"
	"slices"
	"strings"
)

// retired are names that meant several things, by the kind of what had them.
// docs/architecture.md has the rule. A plural counts as its singular.
var retired = []struct {
	kinds []string
	names []string
}{
	{
		[]string{"type", "field", "function"},
		[]string{
			"place", "lane", "turn", "room", "door", "gate", "claim", "standing", "look", "board", "shelf", "spare",
			"tally", "voucher", "lot", "stir", "poke", "nudge", "kick", "rouse", "hurry",
		},
	},
	{[]string{"type"}, []string{
		"line", "people", "talk", "reach", "parts", "words", "pulling", "serving", "reading", "sending", "asking",
	}},
	{[]string{"package"}, []string{"wide", "path", "hello", "topic", "voucher", "content", "binding", "fleet"}},
}

func retiredNames(files []file) (found []string) {
	seen := map[string]bool{}
	for _, f := range files {
		if name := f.tree.Name.Name; isRetired("package", name) && !seen[f.pkg()] {
			seen[f.pkg()] = true
			found = append(found, f.pkg()+": package "+name)
		}
		declared(f.tree, func(kind string, name *ast.Ident) {
			if isRetired(kind, name.Name) {
				found = append(found, f.at(name.Pos(), kind+" "+name.Name))
			}
		})
	}
	return found
}

func isRetired(kind, name string) bool {
	name = strings.ToLower(name)
	for _, r := range retired {
		if slices.Contains(r.kinds, kind) && slices.ContainsFunc(r.names, func(w string) bool { return name == w || name == w+"s" }) {
			return true
		}
	}
	return false
}

// declared visits the types, fields and functions that a file declares.
func declared(tree *ast.File, visit func(kind string, name *ast.Ident)) {
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			visit("function", n.Name)
		case *ast.TypeSpec:
			visit("type", n.Name)
		case *ast.InterfaceType:
			fields(n.Methods, "function", visit)
		case *ast.StructType:
			fields(n.Fields, "field", visit)
		}
		return true
	})
}

func fields(list *ast.FieldList, kind string, visit func(kind string, name *ast.Ident)) {
	for _, field := range list.List {
		for _, name := range field.Names {
			visit(kind, name)
		}
	}
}

func tellsWhether(files []file) (found []string) {
	const phrase = "tells " + "whether"
	for _, f := range files {
		for _, group := range f.tree.Comments {
			text := strings.Join(strings.Fields(group.Text()), " ")
			for range strings.Count(text, phrase) {
				found = append(found, f.at(group.Pos(), phrase))
			}
		}
	}
	return found
}
