package criteria

import "github.com/medibloc/pdx/criteria/internal/findings"

// combine tries the keywords that combine subschemas on the same value.
func (e *evaluator) combine(f *evaluation) {
	r := f.r
	if r.recursive != nil {
		e.inPlace(f, e.recursiveTarget(r.recursive), false)
	}
	if r.dynamic != nil {
		e.inPlace(f, e.dynamicTarget(r.dynamic, r.dynamicName), false)
	}
	if r.not != nil && !f.done() && e.inPlace(f, r.not, true) {
		e.fail(f, e.notRule)
	}
	for _, sub := range r.allOf {
		if f.done() {
			return
		}
		e.inPlace(f, sub, false)
	}
	if len(r.anyOf) > 0 && !f.done() && !e.any(f) {
		e.fail(f, "anyOf")
	}
	if len(r.oneOf) > 0 && r.dispatch == nil && !f.done() && e.matches(f, r.oneOf) != 1 {
		e.fail(f, "oneOf")
	}
	if r.if_ != nil && !f.done() {
		e.condition(f)
	}
}

// any reports whether a branch of anyOf holds. All are tried where it counts
// what they evaluate.
func (e *evaluator) any(f *evaluation) bool {
	matched := false
	for _, sub := range f.r.anyOf {
		if e.inPlace(f, sub, true) {
			if matched = true; !f.left.some() {
				break
			}
		}
	}
	return matched
}

// matches counts the branches that hold, up to 2.
func (e *evaluator) matches(f *evaluation, branches []*rule) int {
	n := 0
	for _, sub := range branches {
		if e.inPlace(f, sub, true) {
			if n++; n == 2 {
				break
			}
		}
	}
	return n
}

func (e *evaluator) condition(f *evaluation) {
	next := f.r.else_
	if e.inPlace(f, f.r.if_, true) {
		next = f.r.then
	}
	if next != nil {
		e.inPlace(f, next, false)
	}
}

// rest tries what comes after all others: a oneOf that is told apart by a
// member, and the keywords for what nothing else has evaluated.
func (e *evaluator) rest(f *evaluation) {
	if f.r.dispatch != nil {
		e.dispatched(f)
	}
	if f.done() {
		return
	}
	switch o, a := f.r.object.unevaluated, f.r.array.unevaluated; {
	case o != nil && f.v.Kind() == '{':
		i := -1
		for name, value := range f.v.Members() {
			if i++; f.left.has(i) && !f.done() {
				e.child(f, o, value, findings.Member(name))
			}
		}
		e.free(f.left)
		f.left = nil
	case a != nil && f.v.Kind() == '[':
		for i, element := range f.v.Elements() {
			if f.left.has(i) && !f.done() {
				e.child(f, a, element, findings.Element(i))
			}
		}
		e.free(f.left)
		f.left = nil
	}
}

// recursiveTarget is what $recursiveRef leads to: the outermost schema of the
// dynamic scope in a resource with $recursiveAnchor, if the first target has it.
func (e *evaluator) recursiveTarget(first *rule) *rule {
	if !first.anchor {
		return first
	}
	e.meter.spend(len(e.scope) - e.base)
	for _, r := range e.scope[e.base:] {
		if r.resource.recursive {
			return r
		}
	}
	return first
}

// dynamicTarget is what $dynamicRef leads to: the anchor of the outermost
// resource of the dynamic scope that has it, if the first target is one.
func (e *evaluator) dynamicTarget(first *rule, name string) *rule {
	if name == "" {
		return first
	}
	e.meter.spend(len(e.scope) - e.base)
	for _, r := range e.scope[e.base:] {
		if target := r.resource.anchors[name]; target != nil {
			return target
		}
	}
	return first
}
