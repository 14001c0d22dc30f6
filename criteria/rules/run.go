package rules

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// What a finding of a rule begins with; the rule's name follows.
const (
	// Broken: the condition is false.
	Broken = "rule/"
	// Failed: the condition has no value on this record or dataset, for example because
	// of a missing member.
	Failed = "rule-error/"
)

// ErrCost: a rule or an aggregate takes more steps, or more memory, than there are for
// one record, or for the dataset. There is no verdict.
var ErrCost = errors.New("too costly to evaluate")

// errDistinct ends a run whose aggregates would remember too many values.
var errDistinct = fmt.Errorf("more than %d distinct values", MaxDistinct)

// Run judges one dataset.
type Run struct {
	machine
	set      *Set
	gathered []gathered
	records  uint64
	distinct int
	at       string // what is being evaluated
}

// Begin starts a dataset.
func (s *Set) Begin() *Run { return &Run{set: s, gathered: make([]gathered, len(s.aggregates))} }

// Record judges a record of n bytes, a JSON object, and adds it to the aggregates. It
// calls found with each rule that is broken or failed. The error is ErrCost or ctx's.
func (r *Run) Record(ctx context.Context, record strict.Value, n int, found func(rule string)) error {
	r.record = record
	r.records++
	r.start(ctx, stepsBase+stepsPerByte*n)
	return r.bounded(func() {
		for i, a := range r.set.aggregates {
			r.at = "aggregate " + a.Name
			r.add(a, &r.gathered[i], record)
		}
		r.judge(r.set.records, found)
	})
}

// End judges the dataset as a whole.
func (r *Run) End(ctx context.Context, found func(rule string)) error {
	if len(r.set.dataset) == 0 {
		return nil
	}
	r.figures = map[string]value{Records: numberOf(whole(int(r.records)))}
	for i, a := range r.set.aggregates {
		r.figures[a.Name] = r.gathered[i].result(a.Measure, r.records)
	}
	r.start(ctx, stepsDataset)
	return r.bounded(func() { r.judge(r.set.dataset, found) })
}

func (r *Run) bounded(evaluate func()) error {
	err := r.guard(evaluate)
	if errors.Is(err, errCost) || errors.Is(err, errDistinct) {
		return fmt.Errorf("%s: %w: %w", r.at, ErrCost, err)
	}
	return err
}

func (r *Run) judge(list []compiledRule, found func(rule string)) {
	for _, rule := range list {
		r.at = "rule " + rule.name
		switch got := r.evaluate(rule.node); {
		case got.isTrue():
		case got.isFalse():
			found(Broken + rule.name)
		default:
			found(Failed + rule.name)
		}
	}
}

// Floor is the least count that is shown: a smaller group of records could point at one
// person. Neither is a share shown that stands for fewer records, or for all but fewer.
const Floor = 11

// Figure is an aggregate as a report for people shows it.
type Figure struct {
	Name    string
	Measure string
	// Text is the number, or empty where it is not shown.
	Text string
}

// Figures returns the counts and shares of the records so far. Values of the data, such as
// a greatest number or a sum, are never shown, and neither is a count below floor.
func (r *Run) Figures(floor uint64) []Figure {
	list := make([]Figure, len(r.set.aggregates))
	for i, a := range r.set.aggregates {
		list[i] = Figure{Name: a.Name, Measure: a.Measure}
		g := &r.gathered[i]
		counted, whole := uint64(0), r.records
		switch a.Measure {
		case MeasureCount:
			counted, whole = g.values, 0
		case MeasureDistinct:
			counted, whole = uint64(len(g.seen)), 0
		case MeasureNulls:
			counted = g.without
		case MeasureShare:
			counted = g.matching
		default:
			continue
		}
		if small(counted, floor) || whole > 0 && (whole < floor || small(whole-counted, floor)) {
			continue
		}
		list[i].Text = g.result(a.Measure, r.records).show()
	}
	return list
}

func small(n, floor uint64) bool { return n > 0 && n < floor }

// show returns a number for people; a fraction is a percentage with two decimals.
func (v value) show() string {
	if v.kind != kindNumber {
		return ""
	}
	if v.number().frac == nil {
		return v.number().String()
	}
	percent, _ := calculate(opMultiply, v.number(), whole(100))
	return percent.rat().FloatString(2) + " %"
}
