package rules

import (
	"cel.dev/cel-go/common/operators"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The operators that calculate and compare, as the parser names them.
const (
	opAdd      = operators.Add
	opSubtract = operators.Subtract
	opMultiply = operators.Multiply
	opDivide   = operators.Divide
)

// machine evaluates one expression after another.
type machine struct {
	meter
	record    strict.Value
	figures   map[string]value // of aggregates
	variables []value          // of macros, the outermost first
}

// node is a part of an expression.
type node interface {
	eval(m *machine) value
}

// evaluate gives the value of a node, for one step.
func (m *machine) evaluate(n node) value {
	m.spend(1)
	return n.eval(m)
}

type literal struct{ value value }

func (l literal) eval(*machine) value { return l.value }

type recordNode struct{}

func (recordNode) eval(m *machine) value { return m.read(m.record) }

// figure is an aggregate.
type figure struct{ name string }

func (f figure) eval(m *machine) value { return m.figures[f.name] }

// variable is that of the macro at a depth.
type variable struct{ depth int }

func (v variable) eval(m *machine) value { return m.variables[v.depth] }

type listNode struct{ elements []node }

func (l listNode) eval(m *machine) value {
	list := make([]value, len(l.elements))
	for i, element := range l.elements {
		m.spend(stepsPerKept)
		if list[i] = m.evaluate(element); list[i].failed() {
			return list[i]
		}
	}
	return listOf(list)
}

// selection is a member by its name.
type selection struct {
	of   node
	name string
	test bool // has()
}

func (s selection) eval(m *machine) value {
	of := m.evaluate(s.of)
	switch {
	case of.failed():
		return of
	case !of.isObject():
		return fault(faultType)
	}
	member, found := m.member(of.json, s.name)
	switch {
	case s.test:
		return truth(found)
	case !found:
		return fault(faultMissing)
	}
	return m.read(member)
}

// element is one of a list by its number from 0.
type element struct{ of, at node }

func (e element) eval(m *machine) value {
	of, at := m.evaluate(e.of), m.evaluate(e.at)
	switch {
	case of.failed():
		return of
	case at.failed():
		return at
	case !of.isArray() || at.kind != kindNumber:
		return fault(faultType)
	}
	want, ok := at.number().small()
	if !ok || want < 0 {
		return fault(faultIndex)
	}
	if of.kind == kindList {
		if want >= len(of.elements()) {
			return fault(faultIndex)
		}
		return of.elements()[want]
	}
	for i, element := range of.json.Elements() {
		m.spend(1)
		if i == want {
			return m.read(element)
		}
	}
	return fault(faultIndex)
}

// junction is && or ||. A fault on one side does not matter if the other side decides.
type junction struct {
	left, right node
	decides     bool // true for ||
}

func (j junction) eval(m *machine) value {
	left := m.evaluate(j.left)
	if left.kind == kindBool && left.is == j.decides {
		return left
	}
	right := m.evaluate(j.right)
	switch {
	case right.kind == kindBool && right.is == j.decides:
		return right
	case left.failed():
		return left
	case right.failed():
		return right
	case left.kind != kindBool || right.kind != kindBool:
		return fault(faultType)
	}
	return right
}

// choice is condition ? yes : no.
type choice struct{ condition, yes, no node }

func (c choice) eval(m *machine) value {
	condition := m.evaluate(c.condition)
	switch {
	case condition.isTrue():
		return m.evaluate(c.yes)
	case condition.isFalse():
		return m.evaluate(c.no)
	case condition.failed():
		return condition
	}
	return fault(faultType)
}

// call applies a function to values none of which is a fault.
type call struct {
	args  []node
	apply func(m *machine, args []value) value
}

func (c call) eval(m *machine) value {
	var few [2]value
	args := few[:0]
	for _, arg := range c.args {
		v := m.evaluate(arg)
		if v.failed() {
			return v
		}
		args = append(args, v)
	}
	return c.apply(m, args)
}
