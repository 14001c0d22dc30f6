package criteria

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx/node/criteria/internal/strict"
)

// Projection is what Project wrote.
type Projection struct {
	Records, Bytes uint64
}

// Project copies a dataset, keeping of each record only the disclosed fields:
// what a seller seals. Order stays, and so does every token, byte for byte;
// white space between tokens goes. Objects and arrays on the way to a field
// stay, emptied of the rest; anything else there goes. NDJSON gives NDJSON
// without blank lines, an array an array, a single document a single document.
//
// The error is ErrFields, ErrData naming the record and the rule that it
// breaks, ctx's, or that of src or dst; then dst holds a beginning of no use.
func Project(ctx context.Context, dst io.Writer, src io.Reader, mediaType string, fields []string) (Projection, error) {
	pointers, err := parseFields(fields)
	if err != nil {
		return Projection{}, fmt.Errorf("%w: %v", ErrFields, err)
	}
	tree := newFieldTree(pointers)
	out := &projector{w: bufio.NewWriterSize(dst, 64<<10)}
	err = eachRecord(ctx, src, mediaType, func(raw []byte, form form) error {
		record, err := projectRecord(nil, tree, raw)
		if err != nil {
			return err
		}
		return out.record(record, form)
	}, out.close)
	if err != nil {
		return Projection{}, fmt.Errorf("project: %w", err)
	}
	return out.done, nil
}

// projector writes records in the form in which they came.
type projector struct {
	w    *bufio.Writer
	done Projection
}

func (p *projector) record(raw []byte, form form) error {
	before, after := "", "\n"
	if form == formArray {
		before, after = ",\n", ""
		if p.done.Records == 0 {
			before = "["
		}
	}
	p.done.Records++
	return p.write(before, string(raw), after)
}

func (p *projector) close(form form) error {
	end := ""
	switch {
	case form == formArray && p.done.Records == 0:
		end = "[]\n"
	case form == formArray:
		end = "]\n"
	}
	if err := p.write(end); err != nil {
		return err
	}
	return p.w.Flush()
}

func (p *projector) write(parts ...string) error {
	for _, part := range parts {
		n, err := p.w.WriteString(part)
		p.done.Bytes += uint64(n)
		if err != nil {
			return err
		}
	}
	return nil
}

// projectRecord appends the disclosed part of a record to b.
func projectRecord(b []byte, tree *fieldTree, raw []byte) ([]byte, error) {
	s := strict.NewScanner(raw)
	if s.Peek() != '{' {
		return nil, errNotObject
	}
	b, _, err := project(b, tree, s)
	if err != nil {
		return nil, err
	}
	return b, s.End()
}

var errNotObject = errors.New("breaks rule " + RuleObject)

// project consumes one value and appends what of it is disclosed; kept tells
// whether anything is.
func project(b []byte, tree *fieldTree, s *strict.Scanner) (_ []byte, kept bool, err error) {
	switch s.Peek() {
	case '{':
		return projectObject(b, tree, s)
	case '[':
		return projectArray(b, tree, s)
	}
	raw, err := s.Scalar()
	if err != nil || tree == nil || !tree.whole {
		return b, false, err
	}
	return append(b, raw...), true, nil
}

func projectObject(b []byte, tree *fieldTree, s *strict.Scanner) ([]byte, bool, error) {
	seen := map[string]struct{}{}
	list := itemList{start: len(b)}
	b = append(b, '{')
	err := s.Object(func(name string, raw []byte) error {
		if _, dup := seen[name]; dup {
			return strict.ErrDuplicate()
		}
		seen[name] = struct{}{}
		b = list.next(b)
		b = append(append(b, raw...), ':')
		var kept bool
		var err error
		b, kept, err = project(b, tree.child(name), s)
		b = list.settle(b, kept)
		return err
	})
	return list.end(b, '}', tree), tree != nil, err
}

func projectArray(b []byte, tree *fieldTree, s *strict.Scanner) ([]byte, bool, error) {
	list := itemList{start: len(b)}
	b = append(b, '[')
	err := s.Array(func(int) error {
		b = list.next(b)
		var kept bool
		var err error
		b, kept, err = project(b, tree, s)
		b = list.settle(b, kept)
		return err
	})
	return list.end(b, ']', tree), tree != nil, err
}

// itemList takes back what is not kept of an object or array.
type itemList struct {
	start, mark int
	some        bool
}

func (l *itemList) next(b []byte) []byte {
	l.mark = len(b)
	if l.some {
		b = append(b, ',')
	}
	return b
}

func (l *itemList) settle(b []byte, kept bool) []byte {
	if !kept {
		return b[:l.mark]
	}
	l.some = true
	return b
}

func (l *itemList) end(b []byte, end byte, tree *fieldTree) []byte {
	if tree == nil {
		return b[:l.start]
	}
	return append(b, end)
}

// child is the tree below a member, t itself when all is disclosed.
func (t *fieldTree) child(name string) *fieldTree {
	if t == nil || t.whole {
		return t
	}
	return t.children[name]
}
