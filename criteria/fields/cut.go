package fields

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// ruleMoves is what a record breaks that version 1 cannot project without moving
// elements of an array to other positions.
const ruleMoves = "array-positions"

// ErrSkipped: the record is one that the Selection leaves out.
var ErrSkipped = errors.New("the record is left out")

// A Cutter extracts the selected part of one record after another.
type Cutter struct {
	keep Selection
	s    *strict.Scanner
	b    []byte // the record's part so far
}

// NewCutter returns a Cutter for a selection.
func NewCutter(keep Selection) *Cutter { return &Cutter{keep: keep} }

// Cut returns the selected part of a record, which is JSON text. The result is valid
// until the next call. Tokens keep their exact bytes; white space between them is
// removed. The error is a *strict.Error with the rule that the record breaks, or
// ErrSkipped.
func (c *Cutter) Cut(raw []byte) ([]byte, error) {
	if c.keep.Skip.next() {
		return nil, ErrSkipped
	}
	c.s, c.b = strict.NewScanner(raw), c.b[:0]
	if c.s.Peek() != '{' {
		return nil, &strict.Error{Rule: strict.RuleObject}
	}
	if _, err := c.value(c.keep.Tree); err != nil {
		return nil, explain(err)
	}
	return c.b, c.s.End()
}

// value consumes one value and appends its disclosed part; kept reports whether
// there is one.
func (c *Cutter) value(tree *Tree) (kept bool, err error) {
	switch c.s.Peek() {
	case '{':
		return tree != nil, c.object(tree)
	case '[':
		return tree != nil, c.array(tree)
	}
	raw, err := c.s.Scalar()
	if err != nil || tree == nil || !tree.Whole {
		return false, err
	}
	c.b = append(c.b, raw...)
	return true, nil
}

func (c *Cutter) object(tree *Tree) error {
	seen := map[string]struct{}{}
	list := itemList{start: len(c.b)}
	c.b = append(c.b, '{')
	err := c.s.Object(func(name string, raw []byte) error {
		if _, dup := seen[name]; dup {
			return strict.ErrDuplicate()
		}
		seen[name] = struct{}{}
		c.b = list.next(c.b)
		c.b = append(append(c.b, raw...), ':')
		kept, err := c.value(tree.Child(name))
		c.b = list.settle(c.b, kept)
		return err
	})
	c.b = list.end(c.b, '}', tree)
	return err
}

func (c *Cutter) array(tree *Tree) error {
	list := itemList{start: len(c.b)}
	c.b = append(c.b, '[')
	left := false // whether an element was left out
	err := c.s.Array(func(int) error {
		c.b = list.next(c.b)
		kept, err := c.value(tree)
		switch {
		case err != nil || tree == nil || kept && !left:
		case kept: // it would take the position of one before it
			err = &strict.Error{Rule: ruleMoves}
		case c.keep.Positions:
			c.b, kept = append(c.b, "null"...), true
		default:
			left = true
		}
		c.b = list.settle(c.b, kept)
		return err
	})
	c.b = list.end(c.b, ']', tree)
	return err
}

// itemList takes back the members or elements that are not kept.
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

func (l *itemList) end(b []byte, end byte, tree *Tree) []byte {
	if tree == nil {
		return b[:l.start]
	}
	return append(b, end)
}

// explain says what to do about a record that version 1 cannot project.
func explain(err error) error {
	var broken *strict.Error
	if !errors.As(err, &broken) || broken.Rule != ruleMoves {
		return err
	}
	return fmt.Errorf("%w: elements of the array would move, and their positions may have a meaning; "+
		"criteria of version 2 keep them: ask the buyer for a pool with such criteria, or disclose the array whole or not at all", err)
}
