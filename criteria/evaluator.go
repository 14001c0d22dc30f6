package criteria

import (
	"context"

	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// evaluator evaluates the rules of a schema on one record after another. It
// builds nothing that grows with what is wrong: findings go to the recorder, and
// where only a verdict counts it stops at the first failure.
type evaluator struct {
	meter    *meter
	recorder *findings.Recorder
	root     *rule
	notRule  string // the rule that "not" breaks

	id    uint64  // of the record, in the upper half of the ids of its values
	scope []*rule // under evaluation, for dynamic references; the first is outermost
	base  int     // where in scope the evaluation of a name began
	open  int     // bytes of the unevaluated sets that are in use
	limit int     // of open
}

// evaluation is that of one rule on one value.
type evaluation struct {
	r     *rule
	v     strict.Value
	quiet bool // only the verdict counts
	ok    bool
	left  *unevaluated // what no keyword has evaluated; nil: nothing, or nobody asks
}

// done reports whether the rest cannot change anything.
func (f *evaluation) done() bool { return f.quiet && !f.ok }

// evaluator is one for records that documents of a version want.
func (s *schema) evaluator(version int, shows func(name string) bool) *evaluator {
	e := &evaluator{meter: &meter{}, recorder: findings.NewRecorder(shows), root: s.root, notRule: "schema"}
	if version >= 2 {
		e.notRule = "not"
	}
	return e
}

// run evaluates a record of n bytes. Its findings are in the recorder then; the
// error is ErrCost, ErrSchema, or ctx's, and then there is no verdict.
func (e *evaluator) run(ctx context.Context, record strict.Value, n int) error {
	e.id += 1 << 32
	e.scope, e.base, e.open, e.limit = e.scope[:0], 0, 0, stepsBase+2*n
	return e.meter.guard(ctx, n, func() { e.eval(e.root, record, false, false) })
}

// eval reports whether v is valid by r. Unless quiet, it records what fails.
// left is what of v no keyword has evaluated, if needed.
func (e *evaluator) eval(r *rule, v strict.Value, quiet, needed bool) (valid bool, left *unevaluated) {
	e.meter.spend(1)
	f := evaluation{r: r, v: v, quiet: quiet, ok: true, left: e.unevaluatedOf(r, v, needed)}
	switch {
	case r.anything:
		return true, f.left
	case r.never:
		e.fail(&f, "false")
		return e.give(&f)
	}
	id := e.id | uint64(v.Number())
	if r.active == id { // references lead back to a schema on the same value
		panic(spent{errCycle})
	}
	before := r.active
	r.active = id
	e.enter(r)
	e.apply(&f)
	e.scope = e.scope[:len(e.scope)-1]
	r.active = before
	return e.give(&f)
}

// give is the result of an evaluation; what a failed one evaluated does not count.
func (e *evaluator) give(f *evaluation) (bool, *unevaluated) {
	if f.ok {
		return true, f.left
	}
	e.free(f.left)
	return false, nil
}

func (e *evaluator) enter(r *rule) {
	if len(e.scope) >= maxScope {
		panic(spent{ErrCost})
	}
	e.scope = append(e.scope, r)
}

// apply tries all keywords. Of type, const, enum and format the first that fails
// hides the rest.
func (e *evaluator) apply(f *evaluation) {
	if rule := e.head(f); rule != "" {
		e.fail(f, rule)
		return
	}
	if f.r.ref != nil {
		e.inPlace(f, f.r.ref, false)
		if f.r.draft < 2019 || f.done() {
			return
		}
	}
	switch f.v.Kind() {
	case '{':
		e.object(f)
	case '[':
		e.array(f)
	case '"':
		e.text(f)
	case 't', 'f', 'n':
	default:
		e.number(f)
	}
	if !f.done() {
		e.combine(f)
	}
	if !f.done() {
		e.rest(f)
	}
}

// head is the first of type, const, enum and format that fails.
func (e *evaluator) head(f *evaluation) string {
	r := f.r
	switch {
	case r.types != 0 && !e.typed(r.types, f.v):
		return "type"
	case r.constant != nil && !r.constant.match(e, f.v):
		return "const"
	case r.enum != nil && !r.enum.match(e, f.v):
		return "enum"
	case r.format != nil && !e.formatted(r.format, f.v):
		return "format"
	}
	return ""
}

func (e *evaluator) typed(types typeSet, v strict.Value) bool {
	t := typeOf(v.Kind())
	return types&t != 0 || t == typeNumber && types&typeInteger != 0 && isInteger(string(v.Raw()))
}

// inPlace evaluates a subschema on the same value and takes over what it
// evaluated, but not its failure, if quiet.
func (e *evaluator) inPlace(f *evaluation, r *rule, quiet bool) bool {
	valid, left := e.eval(r, f.v, f.quiet || quiet, f.left.some())
	if valid {
		f.left.keepOnly(left)
		e.free(left)
	}
	if !quiet {
		f.ok = f.ok && valid
	}
	return valid
}

// child evaluates a subschema on a member or element.
func (e *evaluator) child(f *evaluation, r *rule, v strict.Value, s findings.Step) {
	e.recorder.Push(s)
	valid, _ := e.eval(r, v, f.quiet, false)
	e.recorder.Pop()
	f.ok = f.ok && valid
}

// fail notes that a keyword failed on the value.
func (e *evaluator) fail(f *evaluation, keyword string) {
	f.ok = false
	if !f.quiet {
		e.meter.spend(stepsPerFinding)
		e.recorder.Add(ruleSchema + keyword)
	}
}

// failAt notes that a keyword failed for a member, missing or not.
func (e *evaluator) failAt(f *evaluation, keyword string, member findings.Step) {
	f.ok = false
	if !f.quiet {
		e.meter.spend(stepsPerFinding)
		e.recorder.Push(member)
		e.recorder.Add(ruleSchema + keyword)
		e.recorder.Pop()
	}
}
