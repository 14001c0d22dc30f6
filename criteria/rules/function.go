package rules

import (
	"strings"
	"time"

	"cel.dev/cel-go/common/operators"

	"github.com/medibloc/pdx/criteria/internal/strict"
	"github.com/medibloc/pdx/criteria/internal/stringformat"
)

// form says how a function is called.
type form uint8

const (
	asOperator form = 1 << iota
	asFunction      // f(x, y)
	asMethod        // x.f(y)
)

// function is one that an expression can call.
type function struct {
	form  form
	args  int
	apply func(m *machine, args []value) value
}

// functions are all of them but matches(), whose pattern is compiled once.
var functions = map[string]function{
	operators.Equals:        {asOperator, 2, func(m *machine, a []value) value { return truth(m.equal(a[0], a[1])) }},
	operators.NotEquals:     {asOperator, 2, func(m *machine, a []value) value { return truth(!m.equal(a[0], a[1])) }},
	operators.Less:          {asOperator, 2, ordered(func(c int) bool { return c < 0 })},
	operators.LessEquals:    {asOperator, 2, ordered(func(c int) bool { return c <= 0 })},
	operators.Greater:       {asOperator, 2, ordered(func(c int) bool { return c > 0 })},
	operators.GreaterEquals: {asOperator, 2, ordered(func(c int) bool { return c >= 0 })},
	operators.Add:           {asOperator, 2, calculation(opAdd)},
	operators.Subtract:      {asOperator, 2, calculation(opSubtract)},
	operators.Multiply:      {asOperator, 2, calculation(opMultiply)},
	operators.Divide:        {asOperator, 2, calculation(opDivide)},
	operators.Negate:        {asOperator, 1, negate},
	operators.LogicalNot:    {asOperator, 1, not},
	operators.In:            {asOperator, 2, contained},
	"size":                  {asFunction | asMethod, 1, size},
	"startsWith":            {asMethod, 2, onTexts(strings.HasPrefix)},
	"endsWith":              {asMethod, 2, onTexts(strings.HasSuffix)},
	"contains":              {asMethod, 2, onTexts(strings.Contains)},
	"timestamp":             {asFunction, 1, onDate("date-time")},
	"date":                  {asFunction, 1, onDate("date")},
}

func ordered(holds func(c int) bool) func(*machine, []value) value {
	return func(m *machine, args []value) value {
		a, b := args[0], args[1]
		if a.kind != b.kind {
			return fault(faultType)
		}
		switch a.kind {
		case kindNumber:
			m.spend((a.number().bits() + b.number().bits()) / 64)
			return truth(holds(a.number().compare(b.number())))
		case kindText:
			m.spend(min(len(a.text), len(b.text)) / bytesPerStep)
			return truth(holds(strings.Compare(a.text, b.text)))
		case kindTime:
			return truth(holds(a.more.at.Compare(b.more.at)))
		}
		return fault(faultType)
	}
}

func calculation(op string) func(*machine, []value) value {
	return func(m *machine, args []value) value {
		a, b := args[0], args[1]
		if a.kind != kindNumber || b.kind != kindNumber {
			return fault(faultType)
		}
		m.spend((a.number().bits() + b.number().bits()) / 16)
		if op == opDivide && b.number().zero() {
			return fault(faultZero)
		}
		n, ok := calculate(op, a.number(), b.number())
		if !ok {
			return fault(faultNumber)
		}
		return numberOf(n)
	}
}

func negate(m *machine, args []value) value {
	return calculation(opSubtract)(m, []value{numberOf(number{}), args[0]})
}

func not(_ *machine, args []value) value {
	if args[0].kind != kindBool {
		return fault(faultType)
	}
	return truth(!args[0].is)
}

// contained is in: an element of a list, or a name of an object.
func contained(m *machine, args []value) value {
	want, in := args[0], args[1]
	switch {
	case in.isObject() && want.kind == kindText:
		_, found := m.member(in.json, want.text)
		return truth(found)
	case !in.isArray():
		return fault(faultType)
	}
	found := false
	m.iterate(in)(func(v value) bool {
		m.spend(1)
		found = m.equal(want, v)
		return !found
	})
	return truth(found)
}

func size(m *machine, args []value) value {
	n, ok := m.size(args[0])
	if !ok {
		return fault(faultType)
	}
	return numberOf(whole(n))
}

func onTexts(holds func(s, part string) bool) func(*machine, []value) value {
	return func(m *machine, args []value) value {
		if args[0].kind != kindText || args[1].kind != kindText {
			return fault(faultType)
		}
		m.spend(len(args[0].text) / bytesPerStep)
		return truth(holds(args[0].text, args[1].text))
	}
}

func onDate(format string) func(*machine, []value) value {
	return func(m *machine, args []value) value {
		m.spend(4)
		if args[0].kind != kindText {
			return fault(faultType)
		}
		if at, ok := parseTime(format, args[0].text); ok {
			return timeOf(at)
		}
		return fault(faultDate)
	}
}

// maxTimeBytes is longer than any time with nine digits after the second.
const maxTimeBytes = 40

// parseTime reads a "date", which is its first moment in UTC, or a "date-time". A leap
// second is the moment after it; more than nine digits of a second are refused.
func parseTime(format, s string) (time.Time, bool) {
	if len(s) > maxTimeBytes || !stringformat.Valid(format, s) {
		return time.Time{}, false
	}
	if format == "date" {
		at, err := time.Parse(time.DateOnly, s)
		return at, err == nil
	}
	s = strings.ToUpper(s)
	leap := time.Duration(0)
	if s[17:19] == "60" {
		s, leap = s[:17]+"59"+s[19:], time.Second
	}
	if digits := strings.IndexFunc(s[19:], func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); digits > 10 {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	return at.Add(leap).UTC(), err == nil
}

// anyTime reads a string of a record that is a date or a date and time.
func anyTime(v strict.Value) (time.Time, bool) {
	if v.Kind() != '"' || len(v.Raw()) > maxTimeBytes {
		return time.Time{}, false
	}
	s := string(v.Text())
	if at, ok := parseTime("date", s); ok {
		return at, true
	}
	return parseTime("date-time", s)
}
