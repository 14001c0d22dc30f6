package criteria

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// A pointer is a JSON pointer (RFC 6901) whose tokens name members only; it
// passes through arrays: where a value is an array, the rest of the pointer
// holds for every element. "/name/family" is the family of every name.
type pointer []string

var errPointer = errors.New(`a JSON pointer is wanted: "" or names, each with a "/" before it, "~" written "~0" and "/" written "~1"`)

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

func parsePointer(s string) (pointer, error) {
	if len(s) > MaxPointerBytes || !utf8.ValidString(s) {
		return nil, errPointer
	}
	if s == "" {
		return nil, nil
	}
	if s[0] != '/' {
		return nil, errPointer
	}
	tokens := strings.Split(s[1:], "/")
	for i, token := range tokens {
		rest := strings.ReplaceAll(strings.ReplaceAll(token, "~0", ""), "~1", "")
		if strings.Contains(rest, "~") {
			return nil, errPointer
		}
		tokens[i] = unescapeToken.Replace(token)
	}
	return tokens, nil
}

// covers reports whether whoever discloses p discloses q.
func (p pointer) covers(q pointer) bool {
	return len(p) <= len(q) && slices.Equal(p, q[:len(p)])
}

// fieldTree holds pointers by their tokens. A nil tree discloses nothing.
type fieldTree struct {
	whole    bool // the value and all that is in it
	children map[string]*fieldTree
}

func newFieldTree(pointers []pointer) *fieldTree {
	root := &fieldTree{}
	for _, p := range pointers {
		node := root
		for _, token := range p {
			if node.children == nil {
				node.children = map[string]*fieldTree{}
			}
			next := node.children[token]
			if next == nil {
				next = &fieldTree{}
				node.children[token] = next
			}
			node = next
		}
		node.whole = true
	}
	return root
}

// parseFields reads a list of pointers and refuses an empty list, a pointer
// twice, and one that another covers: there is one way to write a disclosure.
func parseFields(fields []string) ([]pointer, error) {
	if len(fields) == 0 || len(fields) > MaxFields {
		return nil, errors.New("at least one field and at most 1024 are wanted")
	}
	pointers := make([]pointer, len(fields))
	for i, field := range fields {
		p, err := parsePointer(field)
		if err != nil {
			return nil, err
		}
		pointers[i] = p
	}
	for i, p := range pointers {
		for j, q := range pointers {
			if i != j && p.covers(q) {
				return nil, errors.New("one field covers another: " + fields[i] + " and " + fields[j])
			}
		}
	}
	return pointers, nil
}
