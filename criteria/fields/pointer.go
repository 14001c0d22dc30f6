package fields

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Pointer is a JSON pointer (RFC 6901) whose tokens name members only. It
// passes through arrays: where a value is an array, the rest of the pointer holds
// for every element. "/name/family" is the family of every name.
type Pointer []string

var errPointer = errors.New(`not a JSON pointer: write "" or names, each after a "/", with "~" as "~0" and "/" as "~1"`)

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

// ParsePointer reads a pointer of at most MaxPointerBytes.
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

// Covers reports whether a disclosure of p discloses q.
func (p Pointer) Covers(q Pointer) bool {
	return len(p) <= len(q) && slices.Equal(p, q[:len(p)])
}

// Parse reads a list of pointers. It refuses an empty list, a pointer that occurs
// twice, and one that another covers: there is one way to write a disclosure.
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
