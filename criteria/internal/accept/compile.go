package accept

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/pattern"
)

// Options are what a program knows besides the schema.
type Options struct {
	// Branches tells the branches of a oneOf apart by the strings of a member, which each of
	// them requires; nil if they cannot be told apart so.
	Branches func(*jsonschema.Schema) (member string, by map[string]*jsonschema.Schema)
	// Fields are those that records may have; nil allows all.
	Fields *Fields
	// Positions reports that null stands for elements that are not disclosed.
	Positions bool
	// Captured are names of members of a record whose values the caller wants to see.
	Captured []string
	// Steps is how many steps the judge may spend on a record of n bytes.
	Steps func(n int) int
}

// Fields is a tree of disclosed fields.
type Fields struct {
	Whole    bool // with everything below
	Children map[string]*Fields
}

// Program recognizes valid records. It is for many goroutines.
type Program struct {
	root        *node
	predictions int
	captured    int
	steps       func(n int) int
}

// Compile makes a program, nil if the schema has too much, or at its root what is not
// supported.
func Compile(root *jsonschema.Schema, o Options) *Program {
	c := &compiler{
		options: o, nodes: map[key]*node{}, depths: map[*jsonschema.Schema]int{},
		automata: map[string]*pattern.Automaton{}, budget: pattern.NewBudget(),
	}
	if o.Fields != nil && o.Fields.Whole {
		o.Fields = nil
	}
	first := c.node(key{schema: root, fields: o.Fields, root: true})
	for len(c.waiting) > 0 && len(c.nodes) <= maxNodes {
		next := c.waiting[len(c.waiting)-1]
		c.waiting = c.waiting[:len(c.waiting)-1]
		c.fill(c.nodes[next], next)
	}
	if len(c.nodes) > maxNodes {
		return nil
	}
	first = c.link(first)
	if first.unsupported == allKinds {
		return nil
	}
	return &Program{first, c.predictions, len(o.Captured), o.Steps}
}

// key is what a node is made of.
type key struct {
	schema   *jsonschema.Schema
	fields   *Fields // nil: everything is disclosed
	root     bool    // of a record
	nullable bool    // an element, where null may stand for what is not disclosed
}

type compiler struct {
	options     Options
	nodes       map[key]*node
	waiting     []key
	predictions int
	depths      map[*jsonschema.Schema]int // in place, below a schema
	automata    map[string]*pattern.Automaton
	budget      *pattern.Budget
}

// node is that of a key, which fill fills in later.
func (c *compiler) node(k key) *node {
	if k.fields != nil && k.fields.Whole {
		k.fields = nil
	}
	n := c.nodes[k]
	if n == nil {
		n = &node{}
		c.nodes[k] = n
		c.waiting = append(c.waiting, k)
	}
	return n
}

func (c *compiler) whole(sch *jsonschema.Schema) *node { return c.node(key{schema: sch}) }

// always is a schema for which every value is valid.
var always = func() *jsonschema.Schema {
	yes := true
	return &jsonschema.Schema{Bool: &yes}
}()

const allKinds = scalars | isArray | isObject

func (c *compiler) fill(n *node, k key) {
	sch := k.schema
	switch {
	case sch.Bool != nil && !*sch.Bool:
		n.refused = allKinds
		return
	case sch.Bool != nil:
		sch = &jsonschema.Schema{DraftVersion: 2020}
	case sch.RecursiveRef != nil || sch.DynamicRef != nil || len(sch.Extensions) > 0 || c.depth(sch) > maxInPlace:
		n.unsupported = allKinds
		return
	}
	if target := c.aliasOf(sch); target != nil {
		n.alias = c.node(key{target, k.fields, k.root, k.nullable})
		return
	}
	c.head(n, sch)
	if n.dispatch = c.dispatchOf(sch, k); n.dispatch != nil {
		n.unsupported |= allKinds &^ isObject
		return
	}
	if k.fields != nil {
		n.refused |= scalars
		if k.nullable {
			n.refused &^= isNull
		}
	}
	n.object, n.array = &object{max: -1}, &array{max: -1}
	if sch.Ref == nil || sch.DraftVersion >= 2019 {
		c.body(n, sch)
		n.more = c.moreOf(sch)
	} else {
		n.more = &more{all: []*node{c.whole(sch.Ref)}}
	}
	c.objectOf(n, sch, k)
	c.arrayOf(n, sch, k)
}

// aliasOf is the one schema that a schema only refers to, nil if it does more than that.
func (c *compiler) aliasOf(sch *jsonschema.Schema) *jsonschema.Schema {
	if sch.Ref == nil || hasHead(sch) {
		return nil
	}
	if sch.DraftVersion < 2019 {
		return sch.Ref
	}
	bare := *sch
	bare.Ref = nil
	if hasBody(&bare) || hasInPlace(&bare) {
		return nil
	}
	return sch.Ref
}

func hasHead(sch *jsonschema.Schema) bool {
	return sch.Types != nil || sch.Const != nil || sch.Enum != nil || sch.Format != nil
}

func hasInPlace(sch *jsonschema.Schema) bool {
	return len(inPlace(sch)) > 0 || len(sch.DependentSchemas) > 0 || len(sch.Dependencies) > 0
}

// hasBody reports whether a schema has keywords of one type of values.
func hasBody(sch *jsonschema.Schema) bool {
	return sch.MinProperties != nil || sch.MaxProperties != nil || len(sch.Required) > 0 || len(sch.Properties) > 0 ||
		len(sch.PatternProperties) > 0 || sch.AdditionalProperties != nil || sch.PropertyNames != nil || len(sch.DependentRequired) > 0 ||
		sch.UnevaluatedProperties != nil || sch.MinItems != nil || sch.MaxItems != nil || sch.UniqueItems || sch.Contains != nil ||
		sch.Items != nil || sch.AdditionalItems != nil || len(sch.PrefixItems) > 0 || sch.Items2020 != nil || sch.UnevaluatedItems != nil ||
		sch.MinLength != nil || sch.MaxLength != nil || sch.Pattern != nil || hasBounds(sch)
}

func hasBounds(sch *jsonschema.Schema) bool {
	return sch.Minimum != nil || sch.Maximum != nil || sch.ExclusiveMinimum != nil || sch.ExclusiveMaximum != nil || sch.MultipleOf != nil
}

// inPlace are the subschemas on the same value, but for dependencies and dynamic references.
func inPlace(sch *jsonschema.Schema) []*jsonschema.Schema {
	list := slices.Concat(sch.AllOf, sch.AnyOf, sch.OneOf)
	for _, one := range []*jsonschema.Schema{sch.Ref, sch.Not, sch.If, sch.Then, sch.Else} {
		if one != nil {
			list = append(list, one)
		}
	}
	return list
}

// depth is how many schemas are evaluated within each other on the same value: too many
// where there is a cycle, or may be one.
func (c *compiler) depth(sch *jsonschema.Schema) int {
	if depth, known := c.depths[sch]; known {
		return depth
	}
	c.depths[sch] = maxInPlace + 1 // while it is open: what leads back to it is in a cycle
	depth := 1
	for _, sub := range inPlace(sch) {
		depth = max(depth, min(1+c.depth(sub), maxInPlace+1))
	}
	c.depths[sch] = depth
	return depth
}

// dispatchOf are the branches of a oneOf that a schema has besides a type, and nothing else.
func (c *compiler) dispatchOf(sch *jsonschema.Schema, k key) *branches {
	bare := *sch
	bare.OneOf = nil
	if sch.Const != nil || sch.Enum != nil || sch.Format != nil || hasBody(&bare) || hasInPlace(&bare) {
		return nil
	}
	return c.branchesOf(sch, k)
}

// branchesOf are the branches of a oneOf if a member tells them apart, else nil.
func (c *compiler) branchesOf(sch *jsonschema.Schema, k key) *branches {
	if c.options.Branches == nil || len(sch.OneOf) == 0 {
		return nil
	}
	name, by := c.options.Branches(sch)
	if by == nil {
		return nil
	}
	b := &branches{member: name, quoted: quoted(name), by: map[string]*node{}}
	for tag, branch := range by {
		k.schema = branch
		b.by[tag] = c.node(k)
	}
	return b
}

// link takes the aliases away. A chain of too many, or a cycle, is left to the judge.
func (c *compiler) link(root *node) *node {
	end := func(n *node) *node {
		for range maxAliases {
			if n.alias == nil {
				return n
			}
			n = n.alias
		}
		return &node{unsupported: allKinds}
	}
	ends := func(list []*node) {
		for i, n := range list {
			list[i] = end(n)
		}
	}
	for _, n := range c.nodes {
		if o := n.object; o != nil && o.other != nil {
			o.other = end(o.other)
			for i := range o.members {
				o.members[i].node = end(o.members[i].node)
			}
		}
		if a := n.array; a != nil && a.rest != nil {
			a.rest = end(a.rest)
			if a.contains != nil {
				a.contains = end(a.contains)
			}
			ends(a.first)
		}
		if m := n.more; m != nil {
			ends(m.all)
			ends(m.any)
			ends(m.one)
			for _, one := range []**node{&m.not, &m.cond, &m.then, &m.els} {
				if *one != nil {
					*one = end(*one)
				}
			}
		}
		for _, b := range n.allBranches() {
			for tag, branch := range b.by {
				b.by[tag] = end(branch)
			}
		}
	}
	return end(root)
}
