package pdx_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// foreign are files whose names of types, fields and functions are somebody else's words.
var foreign = []string{
	"criteria/sample", // FHIR's
	"deal.go",         // the chain's, until its formats change
}

// The kinds of names. The names of a test file are checked like those of any other.
const (
	kindPackage  = "package"
	kindType     = "type"
	kindField    = "field"    // of a struct
	kindFunction = "function" // or method
	kindText     = "text"     // of a comment
)

// retired are words that meant too much, by the kinds of names that no longer have
// them, and what to use instead; docs/architecture.md says why. A type, field or
// function is found by its whole name, whether exported or not, and a type also by its
// last word: maxPlace is allowed as a constant, hiddenPlace is not as a type.
var retired = []struct {
	kinds []string
	names []string
	use   string
}{
	{[]string{kindPackage}, []string{"wide"}, "multiconn"},
	{[]string{kindPackage}, []string{"path"}, "perf"},
	{[]string{kindPackage}, []string{"hello", "binding"}, "identity"},
	{[]string{kindPackage}, []string{"topic"}, "gossip"},
	{[]string{kindPackage}, []string{"content"}, "bao"},
	{[]string{kindPackage}, []string{"voucher"}, "ack"},
	{[]string{kindPackage}, []string{"fleet"}, "procs"},
	{[]string{kindType, kindField, kindFunction}, []string{"place", "places"}, "slot, membership, offset"},
	{[]string{kindType, kindField, kindFunction}, []string{"lane", "lanes"}, "stream, conn, class"},
	{[]string{kindType, kindField, kindFunction}, []string{"turn", "turns"}, "grant, timeSlice, mu, ready"},
	{[]string{kindType, kindField, kindFunction}, []string{"room"}, "quota, limits, remaining"},
	{[]string{kindType, kindField, kindFunction}, []string{"door", "doors"}, "pending"},
	{[]string{kindType, kindField, kindFunction}, []string{"gate", "gates"}, "Authorizer, latch"},
	{[]string{kindType, kindField, kindFunction}, []string{"claim", "claims"}, "ref, unverified, or the field's own word"},
	{[]string{kindType, kindField, kindFunction}, []string{"standing", "standings"}, "EndpointHealth, RoleCheck, cache"},
	{[]string{kindType, kindField, kindFunction}, []string{"look"}, "poll, reload, recompute, query, stat, hash"},
	{[]string{kindType, kindField, kindFunction}, []string{"board", "boards"}, "feed"},
	{[]string{kindType, kindField, kindFunction}, []string{"shelf"}, "folderCache"},
	{[]string{kindType, kindField}, []string{"spare"}, "tempFile"},
	{[]string{kindType, kindField}, []string{"line"}, "readyQueue"},
	{[]string{kindType, kindField, kindFunction}, []string{"tally"}, "hashCounter"},
	{[]string{kindType, kindField, kindFunction}, []string{"people"}, "peerDirectory"},
	{[]string{kindType, kindField, kindFunction}, []string{"talk", "talks"}, "topicSession"},
	{[]string{kindType, kindField, kindFunction}, []string{"reach"}, "dialBuyers, connect, addresses"},
	{[]string{kindType, kindField}, []string{"parts"}, "lifecycle"},
	{[]string{kindType, kindField}, []string{"words"}, "enums, mnemonic, text"},
	{[]string{kindType, kindField, kindFunction}, []string{"voucher", "vouchers"}, "signedAck"},
	{[]string{kindType, kindField, kindFunction}, []string{"lot", "lots"}, "draw"},
	{[]string{kindType, kindField, kindFunction}, []string{"stir", "poke", "nudge", "kick", "rouse", "hurry"}, "notify.Signal"},
	{[]string{kindType}, []string{"pulling", "serving", "reading", "sending", "asking"}, "a noun: pull, upload, response, send, inquiry"},
	{[]string{kindText}, []string{"tells " + "whether"}, "reports whether"},
}

func TestRetiredWords(t *testing.T) {
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if ast.IsGenerated(file) {
			return nil
		}
		for _, n := range named(file) {
			if rule := ruleOf(n); rule != "" && !exempt(path, n.kind) {
				t.Errorf("%s: the %s %q has a retired word: use %s", files.Position(n.pos), n.kind, n.text, rule)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

// exempt reports whether a kind of name is not checked in a file.
func exempt(path, kind string) bool {
	return kind != kindPackage && kind != kindText && slices.ContainsFunc(foreign, func(at string) bool {
		return path == at || strings.HasPrefix(filepath.ToSlash(path), at+"/")
	})
}

// name is a name in a file, or the text of a comment.
type name struct {
	kind, text string
	pos        token.Pos
}

// ruleOf returns what to use instead of a name, or "".
func ruleOf(n name) string {
	for _, rule := range retired {
		if slices.Contains(rule.kinds, n.kind) && slices.ContainsFunc(rule.names, func(word string) bool { return has(n, word) }) {
			return rule.use
		}
	}
	return ""
}

func has(n name, word string) bool {
	switch n.kind {
	case kindText:
		return strings.Contains(n.text, word)
	case kindType:
		return strings.EqualFold(n.text, word) || strings.HasSuffix(n.text, strings.ToUpper(word[:1])+word[1:])
	}
	return strings.EqualFold(n.text, word)
}

// named returns the names that a file declares, and its comments.
func named(file *ast.File) []name {
	names := []name{{kindPackage, strings.TrimSuffix(file.Name.Name, "_test"), file.Name.Pos()}}
	for _, comment := range file.Comments {
		names = append(names, name{kindText, strings.Join(strings.Fields(comment.Text()), " "), comment.Pos()})
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			names = append(names, name{kindFunction, n.Name.Name, n.Name.Pos()})
		case *ast.TypeSpec:
			names = append(names, name{kindType, n.Name.Name, n.Name.Pos()})
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					names = append(names, name{kindField, id.Name, id.Pos()})
				}
			}
		}
		return true
	})
	return names
}

// TestRetiredWordsAreFound plants a retired name of each kind.
func TestRetiredWordsAreFound(t *testing.T) {
	const text = `package wide

// ok tells ` + `whether it is.
type hiddenPlace struct{ Voucher int }

type marketplace int

func (m marketplace) Lot() {}

const maxPlace, lot = 1, 2
`
	file, err := parser.ParseFile(token.NewFileSet(), "planted.go", text, parser.ParseComments)
	require.NoError(t, err)
	var found []string
	for _, n := range named(file) {
		if ruleOf(n) != "" {
			found = append(found, fmt.Sprint(n.kind, " ", strings.TrimRightFunc(n.text, unicode.IsPunct)))
		}
	}
	require.Equal(t, []string{"package wide", "text ok tells " + "whether it is", "type hiddenPlace", "field Voucher", "function Lot"}, found)
}
