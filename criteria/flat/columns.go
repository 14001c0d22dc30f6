package flat

import (
	"strconv"
	"strings"

	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Kinds are the kinds of values that a column has; null is none.
type Kinds uint8

// The kinds.
const (
	Booleans Kinds = 1 << iota
	Integers       // written in digits only, from -2^63 to 2^63-1, and the shortest decimal of a float
	Wide           // written in digits only, from -2^63 to 2^63-1, and no such decimal
	Floats         // other numbers that are the shortest decimal of a float of 64 bits
	Numbers        // all others
	Texts
	Nested // arrays, and objects without members

	allKinds = Nested<<1 - 1
)

// Type is how the values of a column are written in Parquet, and called in Croissant.
type Type string

// The types.
const (
	Boolean Type = "boolean"
	Integer Type = "integer"
	Float   Type = "float"
	Text    Type = "text"
	JSON    Type = "json" // each value as JSON text
)

// Type returns the type that has all of these kinds and loses nothing of them.
func (k Kinds) Type() Type {
	only := func(some Kinds) bool { return k&^some == 0 }
	switch {
	case only(Texts):
		return Text
	case only(Booleans):
		return Boolean
	case only(Integers | Wide):
		return Integer
	case only(Integers | Floats):
		return Float
	}
	return JSON
}

// Known reports whether k has no kinds but those above.
func (k Kinds) Known() bool { return k&^allKinds == 0 }

// Column is where records have a value that is no object, or an object without members.
type Column struct {
	Path  []string // names of members
	Kinds Kinds
}

// Name is the name of the column: its JSON pointer without the first "/". An empty name, of
// the member "" at the top, is written as "~", which no pointer is.
func (c Column) Name() string {
	var b strings.Builder
	for i, name := range c.Path {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(escape.Replace(name))
	}
	if b.Len() == 0 {
		return "~"
	}
	return b.String()
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// Columns collects columns. Their order is that of the members in the record in which each
// came first, those of one object together.
type Columns struct {
	root  node
	n     int
	bytes int
	// Over says that there are more columns than MaxColumns, or that their names are longer
	// than MaxNameBytes; the rest is left out.
	Over bool
}

// node is a member of objects, and a column if some of its values are no objects.
type node struct {
	name     string
	column   bool
	kinds    Kinds
	number   int // of the column, once they are numbered
	children []*node
	byName   map[string]*node
}

// few is up to how many members are found without a map.
const few = 8

func (n *node) child(name []byte) *node {
	if n.byName != nil {
		return n.byName[string(name)]
	}
	for _, c := range n.children {
		if c.name == string(name) {
			return c
		}
	}
	return nil
}

func (n *node) add(name string) *node {
	c := &node{name: name}
	n.children = append(n.children, c)
	if len(n.children) > few {
		if n.byName == nil {
			n.byName = make(map[string]*node, 2*few)
			for _, c := range n.children {
				n.byName[c.name] = c
			}
		}
		n.byName[name] = c
	}
	return c
}

// takes reports whether a member may be added, and counts its name.
func (c *Columns) takes(depth int, name []byte) bool {
	if size := c.bytes + depth + len(name) + 1; c.n < MaxColumns && size <= MaxNameBytes {
		c.bytes = size
		return true
	}
	c.Over = true
	return false
}

// take takes in the columns of a record.
func (c *Columns) take(record strict.Value) { c.object(&c.root, record, 0) }

func (c *Columns) object(at *node, object strict.Value, depth int) {
	for name, value := range object.Members() {
		text := name.Text()
		member := at.child(text)
		if member == nil {
			if !c.takes(depth, text) {
				continue
			}
			member = at.add(string(text))
		}
		if value.Kind() == '{' && value.Len() > 0 {
			c.object(member, value, depth+len(text)+1)
			continue
		}
		c.mark(member, kindOf(value))
	}
}

func (c *Columns) mark(n *node, k Kinds) {
	if !n.column {
		n.column = true
		c.n++
	}
	n.kinds |= k
}

// Add takes in columns of other records. It reports whether they can be columns at all.
func (c *Columns) Add(list []Column) bool {
	for _, column := range list {
		at, depth, fits := &c.root, 0, true
		if len(column.Path) == 0 || len(column.Path) > strict.MaxDepth || !column.Kinds.Known() {
			return false
		}
		for _, name := range column.Path {
			member := at.child([]byte(name))
			if member == nil {
				if fits = c.takes(depth, []byte(name)); !fits {
					break
				}
				member = at.add(name)
			}
			at, depth = member, depth+len(name)+1
		}
		if fits {
			c.mark(at, column.Kinds)
		}
	}
	return true
}

// List returns the columns in their order, nil if there are none.
func (c *Columns) List() []Column {
	var list []Column
	c.root.list(nil, &list)
	return list
}

func (n *node) list(path []string, list *[]Column) {
	if n.column {
		n.number = len(*list)
		*list = append(*list, Column{append([]string(nil), path...), n.kinds})
	}
	for _, child := range n.children {
		child.list(append(path, child.name), list)
	}
}

// kindOf is the kind of a value that is not an object with members.
func kindOf(v strict.Value) Kinds {
	switch v.Kind() {
	case 'n':
		return 0
	case 't', 'f':
		return Booleans
	case '"':
		return Texts
	case '{', '[':
		return Nested
	}
	return kindOfNumber(string(v.Raw()))
}

func kindOfNumber(text string) Kinds {
	float, err := strconv.ParseFloat(text, 64)
	exact := err == nil && canonical.Number(text) == canonical.Number(strconv.FormatFloat(float, 'e', -1, 64))
	if strings.ContainsAny(text, ".eE") || text == "-0" { // which is a float and no integer
		if exact {
			return Floats
		}
		return Numbers
	}
	switch _, err := strconv.ParseInt(text, 10, 64); {
	case err == nil && exact:
		return Integers
	case err == nil:
		return Wide
	case exact:
		return Floats
	}
	return Numbers
}
