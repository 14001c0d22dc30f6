package fields

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Pointer is a JSON pointer (RFC 6901) whose tokens name members only, in unescaped
// form. If a value on its path is an array, the rest of the pointer applies to every
// element: "/name/family" selects the member family of every element of name. An empty
// Pointer selects the whole record.
type Pointer []string

var errPointer = errors.New(`not a JSON pointer: write "" or names, each after a "/", with "~" as "~0" and "/" as "~1"`)

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

// ParsePointer reads a pointer of at most MaxPointerBytes. It returns an error for
// anything else.
func ParsePointer(s string) (Pointer, error) {
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

// Covers reports whether q is p or selects a part of what p selects.
func (p Pointer) Covers(q Pointer) bool {
	return len(p) <= len(q) && slices.Equal(p, q[:len(p)])
}

// Parse reads a list of 1 to MaxFields pointers. It returns an error for an invalid
// pointer and for one that another covers, such as a duplicate, so that a disclosure
// can be written in one way only.
func Parse(texts []string) ([]Pointer, error) {
	if len(texts) == 0 || len(texts) > MaxFields {
		return nil, fmt.Errorf("%d fields: name 1 to %d", len(texts), MaxFields)
	}
	pointers := make([]Pointer, len(texts))
	for i, text := range texts {
		p, err := ParsePointer(text)
		if err != nil {
			return nil, err
		}
		pointers[i] = p
	}
	for i, p := range pointers {
		for j, q := range pointers {
			if i != j && p.Covers(q) {
				return nil, errors.New("one field covers another: " + texts[i] + " and " + texts[j])
			}
		}
	}
	return pointers, nil
}
