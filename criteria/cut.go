package criteria

import (
	"errors"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// ruleMoves is what a record breaks that version 1 cannot project without
// moving elements of an array to other positions.
const ruleMoves = "array-positions"

var errNotObject = errors.New("breaks rule " + RuleObject)

// cutter writes the disclosed part of one record after another.
type cutter struct {
	positions bool // null replaces elements of arrays that are left out
	s         *strict.Scanner
	b         []byte // the record's part so far
}

// record makes b the disclosed part of a record.
func (c *cutter) record(tree *fieldTree, raw []byte) error {
	c.s, c.b = strict.NewScanner(raw), c.b[:0]
	if c.s.Peek() != '{' {
		return errNotObject
	}
	if _, err := c.value(tree); err != nil {
		return err
	}
	return c.s.End()
}

// value consumes one value and appends what of it is disclosed; kept reports
// whether anything is.
func (c *cutter) value(tree *fieldTree) (kept bool, err error) {
	switch c.s.Peek() {
	case '{':
		return tree != nil, c.object(tree)
	case '[':
		return tree != nil, c.array(tree)
	}
	raw, err := c.s.Scalar()
	if err != nil || tree == nil || !tree.whole {
		return false, err
	}
	c.b = append(c.b, raw...)
	return true, nil
}

func (c *cutter) object(tree *fieldTree) error {
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
		kept, err := c.value(tree.child(name))
		c.b = list.settle(c.b, kept)
		return err
	})
	c.b = list.end(c.b, '}', tree)
	return err
}

func (c *cutter) array(tree *fieldTree) error {
	list := itemList{start: len(c.b)}
	c.b = append(c.b, '[')
	left := false // an element was left out
	err := c.s.Array(func(int) error {
		c.b = list.next(c.b)
		kept, err := c.value(tree)
		switch {
		case err != nil || tree == nil || kept && !left:
		case kept: // it would take the position of one before it
			err = &strict.Error{Rule: ruleMoves}
		case c.positions:
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
