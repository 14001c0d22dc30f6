package criteria

import (
	"encoding/json"

	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// literals are the values of a const or an enum.
type literals struct {
	types   typeSet
	texts   map[string]struct{}
	numbers map[string]struct{} // as canonical.Number writes them
	isTrue  bool
	isFalse bool
	rest    []any // objects and arrays
	price   int   // of comparing with those
}

func newLiterals(values []any) *literals {
	l := &literals{texts: map[string]struct{}{}, numbers: map[string]struct{}{}}
	for _, value := range values {
		switch value := value.(type) {
		case nil:
			l.types |= typeNull
		case bool:
			l.types |= typeBoolean
			l.isTrue, l.isFalse = l.isTrue || value, l.isFalse || !value
		case string:
			l.types |= typeString
			l.texts[value] = struct{}{}
		case json.Number:
			l.types |= typeNumber
			l.numbers[canonical.Number(string(value))] = struct{}{}
		case []any:
			l.types |= typeArray
			l.rest = append(l.rest, value)
		case map[string]any:
			l.types |= typeObject
			l.rest = append(l.rest, value)
		}
	}
	l.price = countValues(l.rest) / 2
	return l
}

// match reports whether v is one of the values. It spends what that costs.
func (l *literals) match(e *evaluator, v strict.Value) bool {
	if l.types&typeOf(v.Kind()) == 0 {
		return false
	}
	switch v.Kind() {
	case '{', '[':
		e.meter.spend(l.price)
		for _, value := range l.rest {
			if e.equals(v, value) {
				return true
			}
		}
		return false
	case '"':
		e.spendText(v)
		_, ok := l.texts[string(v.Text())]
		return ok
	case 't':
		return l.isTrue
	case 'f':
		return l.isFalse
	case 'n':
		return true
	}
	_, ok := l.numbers[canonical.Number(string(v.Raw()))]
	return ok
}

// equals compares a value of a record with one of a schema, as JSON Schema does.
// It spends what reading names and strings of the record takes; for the rest it
// takes no more steps than the latter has values.
func (e *evaluator) equals(v strict.Value, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		if v.Kind() != '{' {
			return false
		}
		n := 0
		for name, member := range v.Members() {
			e.spendText(name)
			value, ok := want[string(name.Text())]
			if n++; !ok || !e.equals(member, value) {
				return false
			}
		}
		return n == len(want)
	case []any:
		if v.Kind() != '[' {
			return false
		}
		n := 0
		for i, element := range v.Elements() {
			if n++; i >= len(want) || !e.equals(element, want[i]) {
				return false
			}
		}
		return n == len(want)
	case string:
		if v.Kind() != '"' {
			return false
		}
		e.spendText(v)
		return string(v.Text()) == want
	case json.Number:
		return typeOf(v.Kind()) == typeNumber && canonical.Number(string(v.Raw())) == canonical.Number(string(want))
	case bool:
		return v.Kind() == 't' && want || v.Kind() == 'f' && !want
	}
	return v.Kind() == 'n'
}
