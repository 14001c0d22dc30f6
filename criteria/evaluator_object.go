package criteria

import (
	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// presence is which of a rule's wanted names an object has.
type presence struct {
	few  [4]uint64 // of the first 256
	more []uint64
}

func (p *presence) set(i int) {
	if i/64 < len(p.few) {
		p.few[i/64] |= 1 << (i % 64)
		return
	}
	p.more[i/64-len(p.few)] |= 1 << (i % 64)
}

func (p *presence) has(i int) bool {
	if i/64 < len(p.few) {
		return p.few[i/64]&(1<<(i%64)) != 0
	}
	return p.more[i/64-len(p.few)]&(1<<(i%64)) != 0
}

// presenceIn finds out which of the wanted names are there.
func (e *evaluator) presenceIn(o *objectRule, v strict.Value) (p presence) {
	if n := (len(o.wanted) + 63) / 64; n > len(p.few) {
		e.meter.spend(n)
		p.more = make([]uint64, n-len(p.few))
	}
	for name := range v.Members() {
		e.spendText(name)
		if i, ok := o.wanted[string(name.Text())]; ok {
			p.set(i)
		}
	}
	return p
}

func (e *evaluator) object(f *evaluation) {
	o := &f.r.object
	if !o.used {
		return
	}
	if o.min != nil || o.max != nil {
		n := f.v.Len()
		e.meter.spend(n / 8)
		if o.min != nil && n < *o.min {
			e.fail(f, "minProperties")
		}
		if o.max != nil && n > *o.max {
			e.fail(f, "maxProperties")
		}
	}
	if len(o.wanted) > 0 {
		e.presences(f)
	}
	if f.done() || len(o.properties) == 0 && len(o.patterns) == 0 && !o.closed && o.names == nil {
		return
	}
	e.members(f)
}

// presences tries the keywords that ask which members are there.
func (e *evaluator) presences(f *evaluation) {
	o := &f.r.object
	there := e.presenceIn(o, f.v)
	e.missing(f, &there, "required", o.required)
	if f.done() {
		return
	}
	for name, names := range o.dependentNames {
		if there.has(o.wanted[name]) {
			e.missing(f, &there, "dependencies", names)
		}
	}
	for name, names := range o.dependentRequired {
		if there.has(o.wanted[name]) {
			e.missing(f, &there, "dependentRequired", names)
		}
	}
	for _, by := range []map[string]*rule{o.dependencies, o.dependentSchemas} {
		for name, r := range by {
			if !f.done() && there.has(o.wanted[name]) {
				e.inPlace(f, r, false)
			}
		}
	}
}

func (e *evaluator) missing(f *evaluation, there *presence, keyword string, names []string) {
	e.meter.spend(len(names) / 4)
	for _, name := range names {
		if !there.has(f.r.object.wanted[name]) {
			if e.failAt(f, keyword, findings.Name(name)); f.quiet {
				return
			}
		}
	}
}

// members tries the keywords that hold for each member.
func (e *evaluator) members(f *evaluation) {
	i := -1
	for name, value := range f.v.Members() {
		i++
		e.spendText(name)
		if e.member(f, name, value) {
			f.left.evaluated(i)
		}
		if f.done() {
			return
		}
	}
}

// member reports whether a keyword evaluated the member.
func (e *evaluator) member(f *evaluation, name, value strict.Value) (evaluated bool) {
	o, text := &f.r.object, name.Text()
	if r := o.properties[string(text)]; r != nil {
		evaluated = true
		e.child(f, r, value, findings.Member(name))
	}
	for _, p := range o.patterns {
		e.meter.spend(1 + len(text)*p.ops/16)
		if p.expr.Match(text) {
			evaluated = true
			e.child(f, p.rule, value, findings.Member(name))
		}
	}
	if !evaluated && o.closed {
		evaluated = true
		switch {
		case o.forbid:
			e.failAt(f, "additionalProperties", findings.Member(name))
		case o.additional != nil:
			e.child(f, o.additional, value, findings.Member(name))
		}
	}
	if o.names != nil && !e.named(o.names, name) {
		e.failAt(f, "propertyNames", findings.Member(name))
	}
	return evaluated
}

// named reports whether a member's name is valid by r, which is evaluated as the
// root of a schema would be.
func (e *evaluator) named(r *rule, name strict.Value) bool {
	base := e.base
	e.base = len(e.scope)
	valid, _ := e.eval(r, name, true, false)
	e.base = base
	return valid
}
