package criteria

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Upgrade returns a criteria document as a new pool should publish it: with version 2 or
// later and an explicit record_bytes.max. Everything else keeps its exact bytes.
// changes says in words what differs; a document that needs no change is returned as
// it is, with no changes. The error wraps ErrDocument.
//
// A record_bytes.max that the document has stays. A document without one gets
// DefaultRecordBytes, or MaxRecordBytes if its record_bytes.min is more than
// DefaultRecordBytes.
func Upgrade(raw []byte) (upgraded []byte, changes []string, err error) {
	doc, err := Parse(raw)
	if err != nil {
		return nil, nil, err
	}
	tree, err := strict.Parse(raw)
	if err != nil {
		return nil, nil, err
	}
	var e edits
	if doc.Version < poolVersion {
		version, _ := tree.Root().Member("version")
		e.replace(version, strconv.Itoa(poolVersion))
		changes = append(changes, fmt.Sprintf("version is %d instead of %d", poolVersion, doc.Version))
	}
	if doc.RecordBytes.Max == 0 {
		limit := DefaultRecordBytes
		if doc.RecordBytes.Min > DefaultRecordBytes {
			limit = MaxRecordBytes
		}
		e.limitRecords(tree.Root(), raw, strconv.Itoa(limit))
		changes = append(changes, fmt.Sprintf("record_bytes.max is %d, where there was none", limit))
	}
	upgraded = e.apply(raw)
	_, err = Parse(upgraded)
	return upgraded, changes, err
}

// edits are replacements in a text.
type edits []replacement

type replacement struct {
	start, end int
	text       string
}

func (e *edits) replace(v strict.Value, text string) {
	*e = append(*e, replacement{v.Start(), v.Start() + len(v.Raw()), text})
}

func (e *edits) insert(at int, text string) { *e = append(*e, replacement{at, at, text}) }

func (e edits) apply(raw []byte) []byte {
	slices.SortFunc(e, func(a, b replacement) int { return b.start - a.start })
	out := slices.Clone(raw)
	for _, c := range e {
		out = slices.Concat(out[:c.start], []byte(c.text), out[c.end:])
	}
	return out
}

// limitRecords writes the maximum of record_bytes into a document that has none.
func (e *edits) limitRecords(root strict.Value, raw []byte, limit string) {
	bounds, ok := root.Member("record_bytes")
	if !ok {
		e.append(root, raw, `"record_bytes": {"max": `+limit+`}`)
		return
	}
	if zero, ok := bounds.Member("max"); ok {
		e.replace(zero, limit)
		return
	}
	e.append(bounds, raw, `"max": `+limit)
}

// append adds a member at the end of an object, set off as its first one is.
func (e *edits) append(object strict.Value, raw []byte, member string) {
	end := object.Start() + 1
	before, separator := "", ""
	for name := range object.Members() {
		before, separator = string(raw[end:name.Start()]), ","
		break
	}
	if separator != "" && before == "" {
		before = " "
	}
	e.insert(closing(object, raw), separator+before+member)
}

// closing is the offset behind the last member of an object, or behind its
// opening brace.
func closing(object strict.Value, raw []byte) int {
	s := strict.NewScanner(raw[object.Start():])
	_ = skip(s) // the text has been read before
	inside := bytes.TrimRight(raw[object.Start():object.Start()+s.Offset()-1], " \t\r\n")
	return object.Start() + len(inside)
}

// skip consumes one value.
func skip(s *strict.Scanner) error {
	switch s.Peek() {
	case '{':
		return s.Object(func(string, []byte) error { return skip(s) })
	case '[':
		return s.Array(func(int) error { return skip(s) })
	}
	_, err := s.Scalar()
	return err
}
