package pdx_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/message"
)

// speakers are the functions that take a key of the message catalogue: which argument
// it is, what stands before it in the catalogue, and whether arguments of the text follow.
var speakers = map[string]struct {
	at     int
	prefix string
	args   bool
}{
	"t": {0, "", true}, "Text": {0, "", true}, "say": {0, "", true}, "note": {0, "", true}, "fail": {1, "", true},
	"fact": {0, "label.", false}, "table": {1, "", false}, "optional": {0, "", false}, "nameOf": {1, "", false}, "Has": {0, "", false},
}

// lists are the functions that take many keys, every one or every second argument.
var lists = map[string]struct {
	step   int
	prefix string
}{"rows": {1, "column."}, "facts": {2, "label."}}

// usage collects what the program takes from the catalogue.
type usage struct {
	t        *testing.T
	texts    *message.Catalog
	keys     map[string]bool
	prefixes []string // of keys that are put together
}

// TestEveryTextIsInTheCatalogue wants each key that the program uses to have a text that
// takes the arguments given, and each text to be used.
func TestEveryTextIsInTheCatalogue(t *testing.T) {
	u := &usage{t: t, texts: message.For("en"), keys: map[string]bool{}, prefixes: []string{"commands.", "help.flag."}}
	for _, folder := range []string{"cmd/pdx", "cmd/pdx/demo", "criteria/explain", "node/web", "internal/message"} {
		files, err := filepath.Glob(folder + "/*.go")
		require.NoError(t, err)
		for _, name := range files {
			if !strings.HasSuffix(name, "_test.go") {
				u.goFile(name)
			}
		}
	}
	u.page()
	require.Greater(t, len(u.keys), 250)
	for key := range u.texts.Forms("") {
		used := u.keys[key] || slices.ContainsFunc(u.prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		assert.True(t, used, "no code shows the text %s: remove it", key)
	}
}

func (u *usage) goFile(name string) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
	require.NoError(u.t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		function := ""
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			function = f.Sel.Name
		case *ast.Ident:
			function = f.Name
		}
		where := set.Position(call.Pos()).String()
		if s, ok := speakers[function]; ok && len(call.Args) > s.at {
			u.call(where, s.prefix, call.Args[s.at], call.Args[s.at+1:], s.args)
		}
		if l, ok := lists[function]; ok {
			for i := 0; i < len(call.Args); i += l.step {
				if name := literal(call.Args[i]); name != "" {
					u.key(where, l.prefix+name)
				}
			}
		}
		return true
	})
}

// call takes in one use: a literal key, or a literal prefix and a name.
func (u *usage) call(where, prefix string, key ast.Expr, args []ast.Expr, withArgs bool) {
	if sum, ok := key.(*ast.BinaryExpr); ok {
		for inner, more := sum.X.(*ast.BinaryExpr); more; inner, more = sum.X.(*ast.BinaryExpr) {
			sum = inner
		}
		if left := literal(sum.X); left != "" {
			u.prefix(where, prefix+left)
		}
		return
	}
	name := literal(key)
	switch {
	case name == "": // handed on; its caller is checked
	case strings.HasSuffix(name, "."):
		u.prefix(where, prefix+name)
	default:
		u.key(where, prefix+name)
		if withArgs {
			var given []string
			for i := 0; i < len(args); i += 2 {
				given = append(given, literal(args[i]))
			}
			u.arguments(where, prefix+name, given)
		}
	}
}

func (u *usage) key(where, key string) {
	assert.True(u.t, u.texts.Has(key), "%s: there is no text %s", where, key)
	u.keys[key] = true
}

func (u *usage) prefix(where, prefix string) {
	require.NotEmpty(u.t, u.texts.Forms(prefix), "%s: there is no text %s…", where, prefix)
	u.prefixes = append(u.prefixes, prefix)
}

// arguments wants a text's arguments to be given, and no others. A number may choose
// the form of a text that does not show it.
func (u *usage) arguments(where, key string, given []string) {
	forms := u.texts.Forms(key)[key]
	wanted := message.Placeholders(forms["other"])
	if len(forms) > 1 {
		wanted = append(wanted, "n")
	}
	slices.Sort(wanted)
	slices.Sort(given)
	assert.Equal(u.t, slices.Compact(wanted), append([]string(nil), given...), "%s: arguments of %s", where, key)
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		text, _ := strconv.Unquote(lit.Value)
		return text
	}
	return ""
}

var (
	pageCall   = regexp.MustCompile(`\b(?:t|rich)\('([a-z_.]+)'|\{\{(?:t|code) "([a-z_.]+)"\}\}`)
	pagePrefix = regexp.MustCompile("texts\\[`([a-z]+\\.)\\$")
)

// page takes in the texts of the page: t('key', …), and {{t "key"}} in HTML.
func (u *usage) page() {
	files, err := filepath.Glob("node/web/page/*")
	require.NoError(u.t, err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		require.NoError(u.t, err)
		for _, use := range pageCall.FindAllStringSubmatch(string(raw), -1) {
			if key := "page." + use[1] + use[2]; strings.HasSuffix(key, ".") {
				u.prefix(name, key)
			} else {
				u.key(name, key)
			}
		}
		for _, use := range pagePrefix.FindAllStringSubmatch(string(raw), -1) {
			if use[1] != "page." { // the root of all texts of the page
				u.prefix(name, use[1])
			}
		}
	}
}

// prose is a literal with two words. The command line has none: its texts are in the
// catalogue.
var prose = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)

// TestCommandsHaveNoProse looks for texts beside the catalogue.
func TestCommandsHaveNoProse(t *testing.T) {
	for _, folder := range []string{"cmd/pdx", "cmd/pdx/demo"} {
		files, err := filepath.Glob(folder + "/*.go")
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				if pair, ok := n.(*ast.KeyValueExpr); ok {
					if field, ok := pair.Key.(*ast.Ident); ok && field.Name == "Use" {
						return false // the syntax of a command line
					}
				}
				if call, ok := n.(*ast.CallExpr); ok {
					if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "verb" {
						return false // a command line
					}
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, _ := strconv.Unquote(lit.Value)
					assert.False(t, prose.MatchString(text), "%s: %q belongs in the catalogue", set.Position(lit.Pos()), text)
				}
				return true
			})
		}
	}
}

// shown are types whose values are shown by name: where they are declared, and where the
// catalogue has the names.
var shown = []struct{ folder, kind, prefix string }{
	{".", "DealState", "state."},
	{".", "PoolStatus", "state."},
	{".", "ValidatorStatus", "state."},
	{"node/model", "SaleState", "state."},
	{"node/model", "PullState", "state."},
	{".", "Stage", "stage."},
	{"node/model", "pdx.Stage", "stage."},
	{"node/seller", "pdx.Stage", "step."},
	{"node/buyer/internal/plain", "pdx.Stage", "step."},
	{"criteria/format", "Note", "note."},
	{"transfer", "Reason", "slow."},
}

// TestEveryStateHasAName wants a name for each value of those types.
func TestEveryStateHasAName(t *testing.T) {
	texts := message.For("en")
	for _, s := range shown {
		found := 0
		err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && path != "." && s.folder == "." {
				return cmp.Or(err, fs.SkipDir)
			}
			if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 {
					return true
				}
				if spec.Type == nil || types.ExprString(spec.Type) != s.kind {
					return true
				}
				if value := literal(spec.Values[0]); value != "" {
					found++
					assert.True(t, texts.Has(s.prefix+value), "%s: %s %q has no text %s", path, s.kind, value, s.prefix+value)
				}
				return true
			})
			return nil
		})
		require.NoError(t, err)
		require.NotZero(t, found, "no value of type %s in %s", s.kind, s.folder)
	}
}

// TestTranslationsFit wants every translation to have texts of English keys only,
// with the same arguments.
func TestTranslationsFit(t *testing.T) {
	english := message.For("en").Forms("")
	for _, lang := range message.Languages() {
		own, err := message.Parse(lang, message.Source(lang))
		require.NoError(t, err)
		for key, forms := range own.Forms("") {
			require.Contains(t, english, key, lang)
			for _, form := range forms {
				for _, name := range message.Placeholders(form) {
					require.Contains(t, append(message.Placeholders(english[key]["other"]), "n"), name, "%s: %s", lang, key)
				}
			}
		}
	}
}
