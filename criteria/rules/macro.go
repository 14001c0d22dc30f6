package rules

import "github.com/medibloc/pdx/criteria/internal/strict"

// macro evaluates a part for each element of a list, or each name of an object.
type macro struct {
	over  node
	each  node
	depth int // of its variable
	run   func(m *machine, elements func(yield func(v value) bool), each func(v value) value) value
}

func (f macro) eval(m *machine) value {
	over := m.evaluate(f.over)
	switch {
	case over.failed():
		return over
	case !over.isArray() && !over.isObject():
		return fault(faultType)
	}
	return f.run(m, m.iterate(over), func(v value) value {
		m.variables = append(m.variables[:f.depth], v)
		return m.evaluate(f.each)
	})
}

// iterate gives the elements of a list, or the names of an object as texts.
func (m *machine) iterate(over value) func(yield func(v value) bool) {
	return func(yield func(v value) bool) {
		switch {
		case over.kind == kindList:
			for _, v := range over.elements() {
				if !yield(v) {
					return
				}
			}
		case over.isArray():
			for _, v := range over.json.Elements() {
				if !yield(m.read(v)) {
					return
				}
			}
		default:
			over.json.Members()(func(name, _ strict.Value) bool { return yield(m.read(name)) })
		}
	}
}

// quantified is all() if what decides is false, exists() if it is true. A fault of one
// element does not matter if another one decides.
func quantified(decides bool) func(*machine, func(func(value) bool), func(value) value) value {
	return func(_ *machine, elements func(func(value) bool), each func(value) value) value {
		result := truth(!decides)
		elements(func(v value) bool {
			switch got := each(v); {
			case got.kind == kindBool && got.is == decides:
				result = got
				return false
			case got.failed() && !result.failed():
				result = got
			case got.kind != kindBool && !result.failed():
				result = fault(faultType)
			}
			return true
		})
		return result
	}
}

// chosen gives what keep makes of the elements for which a condition is true. The first
// fault ends it.
func chosen(m *machine, elements func(func(value) bool), each func(value) value, keep func(v value)) (failed value, ok bool) {
	ok = true
	elements(func(v value) bool {
		got := each(v)
		switch {
		case got.isTrue():
			m.spend(stepsPerKept)
			keep(v)
		case got.failed():
			failed, ok = got, false
		case !got.isFalse():
			failed, ok = fault(faultType), false
		}
		return ok
	})
	return failed, ok
}

func existsOne(m *machine, elements func(func(value) bool), each func(value) value) value {
	n := 0
	if failed, ok := chosen(m, elements, each, func(value) { n++ }); !ok {
		return failed
	}
	return truth(n == 1)
}

func filter(m *machine, elements func(func(value) bool), each func(value) value) value {
	list := []value{}
	if failed, ok := chosen(m, elements, each, func(v value) { list = append(list, v) }); !ok {
		return failed
	}
	return listOf(list)
}

func mapped(m *machine, elements func(func(value) bool), each func(value) value) value {
	list, failed := []value{}, value{}
	elements(func(v value) bool {
		m.spend(stepsPerKept)
		got := each(v)
		if got.failed() {
			failed, list = got, nil
			return false
		}
		list = append(list, got)
		return true
	})
	if list == nil {
		return failed
	}
	return listOf(list)
}

// macros are the functions whose second part is evaluated for each element.
var macros = map[string]func(*machine, func(func(value) bool), func(value) value) value{
	"all":        quantified(false),
	"exists":     quantified(true),
	"exists_one": existsOne,
	"filter":     filter,
	"map":        mapped,
}
