package parquet

import (
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/medibloc/pdx/criteria/format"
)

// node is a field of the schema, as it becomes a member of records.
type node struct {
	name     string
	optional bool
	repeated bool
	level    int // definition level of a value that is there
	depth    int // repetition level of a further element

	write    writer  // of a leaf
	kind     pq.Type // of a leaf
	children []*node // of a group
	element  *node   // of an annotated list or map: the repeated field
	first    int     // number of its first leaf
	leaves   int
}

// plan makes a tree of a schema: the defect says why that has no form in a record.
func plan(schema []pq.SchemaElement) (*node, error) {
	p := planner{rest: schema}
	if len(schema) == 0 {
		return nil, broken("no schema")
	}
	schema[0].RepetitionType.Valid = false // the root has none
	root, err := p.next(node{}, 0)
	if err != nil {
		return nil, err
	}
	if len(p.rest) > 0 || root.write != nil {
		return nil, broken("a schema that is not one tree")
	}
	return root, nil
}

// planner reads a schema, which is a tree in depth-first order.
type planner struct {
	rest   []pq.SchemaElement
	leaves int
}

// next reads the next field and what is below it. above has the levels of its parent.
func (p *planner) next(above node, nesting int) (*node, error) {
	if len(p.rest) == 0 || nesting > maxDepth {
		return nil, broken("a schema that is not one tree, or deeper than %d", maxDepth)
	}
	e := p.rest[0]
	p.rest = p.rest[1:]
	n := &node{name: e.Name, level: above.level, depth: above.depth, first: p.leaves}
	if !utf8.ValidString(n.name) {
		return nil, broken("a name that is not UTF-8")
	}
	if e.RepetitionType.Valid {
		n.optional, n.repeated = e.RepetitionType.V == pq.Optional, e.RepetitionType.V == pq.Repeated
		if e.RepetitionType.V < pq.Required || e.RepetitionType.V > pq.Repeated {
			return nil, broken("a repetition type that does not exist")
		}
	}
	if n.optional || n.repeated {
		n.level++
	}
	if n.repeated {
		n.depth++
	}
	if e.Type.Valid {
		return n, p.leaf(n, e)
	}
	err := p.group(n, e, nesting)
	n.leaves = p.leaves - n.first
	if err == nil && n.leaves == 0 {
		err = broken("a group without a column")
	}
	return n, err
}

func (p *planner) leaf(n *node, e pq.SchemaElement) error {
	if e.NumChildren.Valid && e.NumChildren.V != 0 {
		return broken("a column with columns below it")
	}
	if p.leaves++; p.leaves > maxColumns {
		return broken("more than %d columns", maxColumns)
	}
	n.leaves, n.kind = 1, e.Type.V
	if n.write = writerOf(e); n.write == nil {
		return &format.Defect{Rule: RuleType, Reason: "a column of the Parquet file has a type that has no form in a record"}
	}
	return nil
}

func (p *planner) group(n *node, e pq.SchemaElement, nesting int) error {
	count := int(e.NumChildren.V)
	if count < 1 || count > len(p.rest) {
		return broken("a group of %d", count)
	}
	seen := make(map[string]bool, count)
	for range count {
		child, err := p.next(*n, nesting+1)
		if err != nil {
			return err
		}
		if seen[child.name] {
			return broken("two columns of one name")
		}
		seen[child.name] = true
		n.children = append(n.children, child)
	}
	if !listed(e) {
		return nil
	}
	if count != 1 || !n.children[0].repeated || n.repeated {
		return broken("a list or map that is not one repeated field")
	}
	n.element, n.children = n.children[0], nil
	// The elements of a list of three levels are the one field of its repeated group.
	if inner := n.element; !mapped(e) && len(inner.children) == 1 && inner.name != "array" && inner.name != n.name+"_tuple" {
		inner.element = inner.children[0]
		inner.children = nil
	}
	return nil
}

// listed reports whether a group is annotated as a list or a map.
func listed(e pq.SchemaElement) bool {
	_, list := e.LogicalType.Value.(*pq.ListType)
	c := e.ConvertedType
	return list || mapped(e) || e.LogicalType.Value == nil && c.Valid && c.V == deprecated.List
}

func mapped(e pq.SchemaElement) bool {
	_, is := e.LogicalType.Value.(*pq.MapType)
	c := e.ConvertedType
	return is || e.LogicalType.Value == nil && c.Valid && (c.V == deprecated.Map || c.V == deprecated.MapKeyValue)
}

// kinds are the physical types of all leaves, in their order.
func (n *node) kinds() (all []pq.Type) {
	switch {
	case n.write != nil:
		return []pq.Type{n.kind}
	case n.element != nil:
		return n.element.kinds()
	}
	for _, child := range n.children {
		all = append(all, child.kinds()...)
	}
	return all
}
