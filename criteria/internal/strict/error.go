package strict

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

// The rules that a text can break.
const (
	RuleSyntax    = "json"
	RuleUTF8      = "utf8"
	RuleDuplicate = "duplicate-member"
	RuleNumber    = "number"
	RuleDepth     = "depth"
	// RuleObject is for callers: Parse and Scanner read any value.
	RuleObject = "object"
)

// reasons are the rules in words, for people.
var reasons = map[string]string{
	RuleSyntax:    "not valid JSON",
	RuleUTF8:      "a string is not valid UTF-8",
	RuleDuplicate: "an object has a member twice",
	RuleNumber:    "a number is too long or too large",
	RuleDepth:     "arrays and objects are nested too deeply",
	RuleObject:    "not a JSON object",
}

// Step is one step into a document: a member's name, or an element's index
// where IsIndex is set.
type Step struct {
	Name    string
	Index   int
	IsIndex bool
}

// Error is a broken rule and where. It holds no value of the document, only
// member names.
type Error struct {
	Rule string
	Path []Step // from the root
}

// Error says what is wrong, and where by JSON pointer.
func (e *Error) Error() string {
	reason := cmp.Or(reasons[e.Rule], "breaks rule "+e.Rule)
	if len(e.Path) == 0 {
		return reason
	}
	return reason + ", at " + strconv.Quote(Pointer(e.Path))
}

// Pointer writes a path as a JSON pointer.
func Pointer(path []Step) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(step.String())
	}
	return b.String()
}

// String is the step as a token of a JSON pointer.
func (s Step) String() string {
	if s.IsIndex {
		return strconv.Itoa(s.Index)
	}
	return pointerEscape.Replace(s.Name)
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

func broken(rule string) error { return &Error{Rule: rule} }

// at puts step before the path of err when it is an *Error; Scanner does it
// for what its callbacks return.
func at(step Step, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Path = append([]Step{step}, e.Path...)
	}
	return err
}
