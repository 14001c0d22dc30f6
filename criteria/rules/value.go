package rules

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// kind is the type of a value.
type kind uint8

const (
	kindFault kind = iota // the evaluation failed, and text says how
	kindNull
	kindBool
	kindNumber
	kindText
	kindList // of an expression
	kindTime // a timestamp
	kindJSON // an array or object of the record
)

// value is what an expression gives.
type value struct {
	kind kind
	is   bool
	text string
	json strict.Value
	more *more
}

// more is what few values have.
type more struct {
	number number
	list   []value
	at     time.Time
}

// Why an evaluation failed; docs/spec/criteria-rules.md names them.
const (
	faultMissing  = "no such member"
	faultType     = "a value of another type"
	faultIndex    = "no such element"
	faultZero     = "division by zero"
	faultNumber   = "a number too large"
	faultDate     = "not a date or time"
	faultNothing  = "an aggregate of nothing"
	faultMeasured = "an aggregate of values of another type"
)

func fault(why string) value    { return value{kind: kindFault, text: why} }
func truth(is bool) value       { return value{kind: kindBool, is: is} }
func textOf(s string) value     { return value{kind: kindText, text: s} }
func numberOf(n number) value   { return value{kind: kindNumber, more: &more{number: n}} }
func listOf(list []value) value { return value{kind: kindList, more: &more{list: list}} }
func timeOf(at time.Time) value { return value{kind: kindTime, more: &more{at: at}} }
func (v value) number() number  { return v.more.number }
func (v value) isArray() bool {
	return v.kind == kindList || v.kind == kindJSON && v.json.Kind() == '['
}
func (v value) isObject() bool    { return v.kind == kindJSON && v.json.Kind() == '{' }
func (v value) failed() bool      { return v.kind == kindFault }
func (v value) isTrue() bool      { return v.kind == kindBool && v.is }
func (v value) isFalse() bool     { return v.kind == kindBool && !v.is }
func (v value) elements() []value { return v.more.list }

// read is a value of a record. Reading a number or string has its price.
func (m *meter) read(v strict.Value) value {
	switch v.Kind() {
	case '{', '[':
		return value{kind: kindJSON, json: v}
	case '"':
		m.spend(len(v.Raw()) / bytesPerStep)
		return textOf(string(v.Text()))
	case 't', 'f':
		return truth(v.Kind() == 't')
	case 'n':
		return value{kind: kindNull}
	}
	n := parseNumber(string(v.Raw()))
	m.spend(n.bits() / 32)
	return numberOf(n)
}

// member is a member of an object of the record.
func (m *meter) member(object strict.Value, name string) (strict.Value, bool) {
	for n, v := range object.Members() {
		m.spend(1 + len(n.Raw())/bytesPerStep)
		if string(n.Text()) == name {
			return v, true
		}
	}
	return strict.Value{}, false
}

// equal compares as JSON Schema does, whatever the types are.
func (m *meter) equal(a, b value) bool {
	switch {
	case a.isArray() && b.isArray() || a.isObject() && b.isObject():
		return m.equalParts(a, b)
	case a.kind != b.kind:
		return false
	}
	switch a.kind {
	case kindBool:
		return a.is == b.is
	case kindNumber:
		m.spend((a.number().bits() + b.number().bits()) / 64)
		return a.number().compare(b.number()) == 0
	case kindText:
		m.spend(min(len(a.text), len(b.text)) / bytesPerStep)
		return a.text == b.text
	case kindTime:
		return a.more.at.Equal(b.more.at)
	}
	return a.kind == kindNull
}

// equalParts compares arrays, or objects.
func (m *meter) equalParts(a, b value) bool {
	if a.kind == kindJSON && b.kind == kindJSON {
		var left, right bytes.Buffer
		canonical.Write(paying{m, &left}, a.json)
		canonical.Write(paying{m, &right}, b.json)
		return bytes.Equal(left.Bytes(), right.Bytes())
	}
	left, right := m.listed(a), m.listed(b)
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		m.spend(1)
		if !m.equal(left[i], right[i]) {
			return false
		}
	}
	return true
}

// listed are the elements of an array.
func (m *meter) listed(v value) []value {
	if v.kind == kindList {
		return v.elements()
	}
	var list []value
	for _, element := range v.json.Elements() {
		m.spend(stepsPerKept)
		list = append(list, m.read(element))
	}
	return list
}

// size is the number of characters, elements or members.
func (m *meter) size(v value) (n int, ok bool) {
	switch v.kind {
	case kindText:
		m.spend(len(v.text) / bytesPerStep)
		return utf8.RuneCountInString(v.text), true
	case kindList:
		return len(v.elements()), true
	case kindJSON:
		n = v.json.Len()
		m.spend(n / 4)
		return n, true
	}
	return 0, false
}

// paying is a buffer that writing into costs steps.
type paying struct {
	m *meter
	b *bytes.Buffer
}

// Write implements io.Writer.
func (p paying) Write(b []byte) (int, error) {
	p.m.spend(1 + len(b)/2)
	return p.b.Write(b)
}
