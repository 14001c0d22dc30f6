package criteria

import "github.com/medibloc/pdx/criteria/internal/findings"

func (e *evaluator) array(f *evaluation) {
	a := &f.r.array
	if !a.used {
		return
	}
	n := e.elements(f)
	if a.min != nil && n < *a.min {
		e.fail(f, "minItems")
	}
	if a.max != nil && n > *a.max {
		e.fail(f, "maxItems")
	}
	if a.noMore && n > len(a.first) {
		e.fail(f, "additionalItems")
	}
	if a.unique && !f.done() && !e.distinctElements(f.v) {
		e.fail(f, "uniqueItems")
	}
	if a.contains != nil && !f.done() {
		e.contained(f)
	}
}

// elements tries the keywords that hold for each element, and counts them.
func (e *evaluator) elements(f *evaluation) int {
	a := &f.r.array
	if len(a.first) == 0 && a.rest == nil {
		n := f.v.Len()
		e.meter.spend(n / 8)
		return n
	}
	n := 0
	for i, element := range f.v.Elements() {
		n++
		switch {
		case f.done():
		case i < len(a.first):
			e.child(f, a.first[i], element, findings.Element(i))
		case a.rest != nil:
			e.child(f, a.rest, element, findings.Element(i))
		}
	}
	e.meter.spend(n / 8)
	return n
}

// contained counts the elements that contains wants.
func (e *evaluator) contained(f *evaluation) {
	a, n := &f.r.array, 0
	for i, element := range f.v.Elements() {
		if valid, _ := e.eval(a.contains, element, true, false); valid {
			n++
			if f.r.draft >= 2020 {
				f.left.evaluated(i)
			}
		}
	}
	switch {
	case a.minContains == nil && n == 0:
		e.fail(f, "contains")
	case a.minContains != nil && n < *a.minContains:
		e.fail(f, "minContains")
	}
	if a.maxContains != nil && n > *a.maxContains {
		e.fail(f, "maxContains")
	}
}
