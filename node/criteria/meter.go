package criteria

import (
	"context"
	"encoding/json"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// meter bounds what a schema may spend on one record. A short schema can take
// time exponential in the record's depth, and whoever opens a pool writes the
// schema that sellers and validators run.
//
// It sits in the "format" of every schema, which jsonschema evaluates on every
// value before it descends; there is no other place to stop it.
type meter struct {
	ctx   context.Context
	left  int
	until int // look at ctx when left falls below
}

// spent is thrown through jsonschema when there is nothing left, or ctx ended.
type spent struct{ err error }

const ctxEvery = 1 << 14

// run evaluates a record of n bytes; the error is the *ValidationError, ErrCost,
// or ctx's.
func (m *meter) run(ctx context.Context, sch *jsonschema.Schema, record any, n int) (invalid, err error) {
	m.ctx, m.left = ctx, stepsBase+stepsPerByte*n
	m.until = m.left - ctxEvery
	defer func() {
		m.ctx = nil
		if thrown := recover(); thrown != nil {
			stop, ok := thrown.(spent)
			if !ok {
				panic(thrown)
			}
			invalid, err = nil, stop.err
		}
	}()
	return sch.Validate(record), nil
}

func (m *meter) spend(steps int) {
	if m.left -= steps; m.left < 0 {
		panic(spent{ErrCost})
	}
	if m.left < m.until {
		m.until = m.left - ctxEvery
		if err := m.ctx.Err(); err != nil {
			panic(spent{err})
		}
	}
}

// attach makes sch pay for itself.
func (m *meter) attach(sch *jsonschema.Schema) {
	price := priceOf(sch)
	metered := jsonschema.Format{Name: "metered"}
	inner := sch.Format
	if inner != nil {
		metered.Name = inner.Name
	}
	metered.Validate = func(v any) error {
		m.spend(price.of(v))
		if inner != nil {
			return inner.Validate(v)
		}
		return nil
	}
	sch.Format = &metered
}

// price is what evaluating a schema costs beside the subschemas' own prices.
type price struct {
	self     int // subschemas on the same value that may fail before they pay
	member   int // the dearest of those on a member or element
	patterns int // operations of all patterns run on each member name
	pattern  int // operations of the pattern run on a string
}

func priceOf(sch *jsonschema.Schema) price {
	p := price{self: 1, member: 1}
	for _, sub := range inPlace(sch) {
		p.self += entry(sub)
	}
	for _, sub := range below(sch) {
		p.member = max(p.member, entry(sub))
	}
	if sch.Pattern != nil {
		p.pattern, _ = patternOps(sch.Pattern.String())
	}
	for expr := range sch.PatternProperties {
		n, _ := patternOps(expr.String())
		p.patterns += n
	}
	p.member += len(sch.PatternProperties)
	return p
}

// entry is what a schema costs before it pays: comparing with its values.
func entry(sch *jsonschema.Schema) int {
	switch {
	case sch == nil:
		return 0
	case sch.Enum != nil:
		return 1 + comparing(sch.Enum.Values)
	case sch.Const != nil:
		return 1 + comparing(*sch.Const)
	}
	return 1
}

// comparing is what comparing with value costs: little, but for numbers, which
// are made fractions each time.
func comparing(value any) int {
	numbers := count(value, func(v any) bool { _, ok := v.(json.Number); return ok })
	return countValues(value)/8 + 3*numbers
}

func (p price) of(v any) int {
	switch v := v.(type) {
	case map[string]any:
		cost := p.self + len(v)*p.member
		if p.patterns > 0 {
			for name := range v {
				cost += len(name) * p.patterns / 16
			}
		}
		return cost
	case []any:
		return p.self + len(v)*p.member
	case string:
		return p.self + len(v)*p.pattern/16
	}
	return p.self
}
