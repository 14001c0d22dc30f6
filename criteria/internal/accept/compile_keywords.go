package accept

import (
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/pattern"
)

// head fills in type, const, enum and format.
func (c *compiler) head(n *node, sch *jsonschema.Schema) {
	if sch.Types != nil {
		for _, name := range sch.Types.ToStrings() {
			n.types |= kindNames[name]
		}
	}
	if sch.Const != nil {
		n.literals = append(n.literals, newLiterals([]any{*sch.Const}))
	}
	if sch.Enum != nil {
		n.literals = append(n.literals, newLiterals(sch.Enum.Values))
	}
	for _, l := range n.literals {
		n.unsupported |= l.containers
		n.refused |= (isObject | isArray) &^ l.containers
	}
	if sch.Format == nil {
		return
	}
	if sch.Format.Name == "regex" {
		n.unsupported |= isString
		return
	}
	n.text = &text{max: -1, formats: []*jsonschema.Format{sch.Format}, looks: 1}
}

// body fills in the keywords of strings and numbers.
func (c *compiler) body(n *node, sch *jsonschema.Schema) {
	if sch.MinLength != nil || sch.MaxLength != nil || sch.Pattern != nil {
		if n.text == nil {
			n.text = &text{max: -1}
		}
		n.text.hasLength = sch.MinLength != nil || sch.MaxLength != nil
		n.text.min, n.text.max = least(sch.MinLength), most(sch.MaxLength)
		n.text.looks += 2
	}
	if sch.Pattern != nil {
		n.text.ops, _ = pattern.Ops(sch.Pattern.String())
		if n.text.pattern = c.automaton(sch.Pattern.String()); n.text.pattern == nil {
			n.text.slow = sch.Pattern
		}
	}
	if hasBounds(sch) {
		n.number = &number{
			minimum: newBound(sch.Minimum), maximum: newBound(sch.Maximum),
			above: newBound(sch.ExclusiveMinimum), below: newBound(sch.ExclusiveMaximum), multipleOf: newBound(sch.MultipleOf),
		}
	}
}

func (c *compiler) automaton(expr string) *pattern.Automaton {
	a, made := c.automata[expr]
	if !made {
		a = pattern.NewAutomaton(expr, c.budget)
		c.automata[expr] = a
	}
	return a
}

func least(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func most(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

// moreOf are the subschemas on the same value, nil if there are none.
func (c *compiler) moreOf(sch *jsonschema.Schema) *more {
	if len(inPlace(sch)) == 0 {
		return nil
	}
	m := &more{all: c.list(sch.AllOf), any: c.list(sch.AnyOf)}
	if sch.Ref != nil {
		m.all = append(m.all, c.whole(sch.Ref))
	}
	if m.branches = c.branchesOf(sch, key{}); m.branches == nil {
		m.one = c.list(sch.OneOf)
	}
	if sch.Not != nil {
		m.not = c.whole(sch.Not)
	}
	if sch.If != nil {
		m.cond = c.whole(sch.If)
		if sch.Then != nil {
			m.then = c.whole(sch.Then)
		}
		if sch.Else != nil {
			m.els = c.whole(sch.Else)
		}
	}
	return m
}

func (c *compiler) list(schemas []*jsonschema.Schema) []*node {
	var list []*node
	for _, sch := range schemas {
		list = append(list, c.whole(sch))
	}
	return list
}
