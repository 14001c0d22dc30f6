package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Rule is a condition that every record, or the dataset as a whole, must meet.
type Rule struct {
	// Name is in the finding of a rule that is broken: see Broken.
	Name string `json:"name"`
	// Record is a condition on each record, Dataset one on the aggregates. A rule has one
	// of them.
	Record  string `json:"record,omitempty"`
	Dataset string `json:"dataset,omitempty"`
	// Purpose tells the seller what the rule is for.
	Purpose string `json:"purpose,omitempty"`
}

// Aggregate is a number or time that is measured over all records.
type Aggregate struct {
	// Name is what rules on the dataset call it, as dataset.NAME.
	Name string `json:"name"`
	// Measure is one of Measures.
	Measure string `json:"measure"`
	// Pointer leads to the values that are measured.
	Pointer string `json:"pointer"`
	// Equals is the value of which MeasureShare measures the share.
	Equals json.RawMessage `json:"equals,omitempty"`
}

// Records is what rules on the dataset call the number of records.
const Records = "records"

// Definition is what a document says. Fields are the pointers that it asks for, and
// Required those of them that every dataset discloses.
type Definition struct {
	Rules      []Rule
	Aggregates []Aggregate
	Fields     []fields.Pointer
	Required   []fields.Pointer
}

// Set are the rules and aggregates of a document, compiled.
type Set struct {
	aggregates []measured
	records    []compiledRule
	dataset    []compiledRule
}

type compiledRule struct {
	name string
	node node
}

var names = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func checkName(name string) error {
	if len(name) > MaxNameBytes || !names.MatchString(name) {
		return fmt.Errorf("name %.40q: a name has 1 to %d letters a to z, digits and _, and begins with a letter", name, MaxNameBytes)
	}
	return nil
}

// Compile reads the rules and aggregates of a document. The error names the one at fault.
func Compile(d Definition) (*Set, error) {
	if len(d.Rules) > MaxRules || len(d.Aggregates) > MaxAggregates {
		return nil, fmt.Errorf("rules, aggregates: at most %d rules and %d aggregates", MaxRules, MaxAggregates)
	}
	s, known := &Set{}, map[string]bool{Records: true}
	for i, a := range d.Aggregates {
		m, err := d.measure(a)
		if err == nil && known[a.Name] {
			err = fmt.Errorf("the name %q is in use", a.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("aggregates/%d: %w", i, err)
		}
		known[a.Name] = true
		s.aggregates = append(s.aggregates, m)
	}
	used := map[string]bool{}
	for i, r := range d.Rules {
		err := checkName(r.Name)
		if err == nil && used[r.Name] {
			err = fmt.Errorf("the name %q is in use", r.Name)
		}
		if err == nil {
			err = s.add(r, d.Fields, known)
		}
		if err != nil {
			return nil, fmt.Errorf("rules/%d: %w", i, err)
		}
		used[r.Name] = true
	}
	return s, nil
}

func (s *Set) add(r Rule, asked []fields.Pointer, figures map[string]bool) error {
	switch {
	case (r.Record == "") == (r.Dataset == ""):
		return errors.New("write either record or dataset, with an expression")
	case r.Record != "":
		n, err := compileExpression(r.Record, scope{fields: asked})
		if err != nil {
			return fmt.Errorf("record: %w", err)
		}
		s.records = append(s.records, compiledRule{r.Name, n})
	default:
		n, err := compileExpression(r.Dataset, scope{figures: figures})
		if err != nil {
			return fmt.Errorf("dataset: %w", err)
		}
		s.dataset = append(s.dataset, compiledRule{r.Name, n})
	}
	return nil
}

// measure reads an aggregate.
func (d Definition) measure(a Aggregate) (measured, error) {
	if err := checkName(a.Name); err != nil {
		return measured{}, err
	}
	if !slices.Contains(Measures(), a.Measure) {
		return measured{}, fmt.Errorf("measure %.40q is not known: there are %q", a.Measure, Measures())
	}
	p, err := fields.ParsePointer(a.Pointer)
	if err != nil {
		return measured{}, err
	}
	if !slices.ContainsFunc(d.Required, func(q fields.Pointer) bool { return q.Covers(p) }) {
		return measured{}, fmt.Errorf("no required field covers %q", a.Pointer)
	}
	m := measured{Aggregate: a, pointer: p}
	if (a.Measure == MeasureShare) != (len(a.Equals) > 0) {
		return measured{}, fmt.Errorf("equals belongs to the measure %s, and to no other", MeasureShare)
	}
	if a.Measure != MeasureShare {
		return m, nil
	}
	if len(a.Equals) > MaxEqualsBytes {
		return measured{}, fmt.Errorf("equals has more than %d bytes", MaxEqualsBytes)
	}
	tree, err := strict.Parse(a.Equals)
	if err != nil {
		return measured{}, fmt.Errorf("equals: %w", err)
	}
	switch tree.Root().Kind() {
	case '{', '[', 'n':
		return measured{}, errors.New("equals is a text, a number, true or false")
	}
	m.equals = digestOf(tree.Root())
	return m, nil
}

// digestOf is Run.digest of a value of the document.
func digestOf(v strict.Value) [16]byte {
	r := &Run{}
	r.left = 1 << 20
	return r.digest(v)
}

// hashing is a hash that writing into costs steps.
type hashing struct {
	m *meter
	h *blake3.Hasher
}

// Write implements io.Writer.
func (h hashing) Write(b []byte) (int, error) {
	h.m.spend(1 + len(b)/8)
	return h.h.Write(b)
}
