package criteria

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/accept"
	"github.com/medibloc/pdx/criteria/internal/findings"
)

// dispatch stands for a oneOf whose branches are told apart by one member: each
// branch requires it and allows it strings that no other branch allows. An
// object can then match no branch but the one that its member names, so only
// that one is evaluated. Verdicts are those of the oneOf; findings are better,
// for they are the one branch's.
//
// Values that are not objects are left to the oneOf as it is: "required" and
// "properties" say nothing of them.
type dispatch struct {
	member   string
	branches map[string]*rule
}

// dispatchOf is nil where dispatching sch's oneOf could change a verdict. An
// OpenAPI-like "discriminator" beside it is neither needed nor believed.
func (s *ruleSet) dispatchOf(sch *jsonschema.Schema) *dispatch {
	if member, branches := branchesOf(sch); branches != nil {
		return &dispatch{member, s.byName(branches)}
	}
	return nil
}

// branchesOf are the branches of sch's oneOf by the strings of a member, nil if there is
// no such member.
func branchesOf(sch *jsonschema.Schema) (member string, branches map[string]*jsonschema.Schema) {
	if len(sch.OneOf) < 2 {
		return "", nil
	}
	for _, member := range slices.Sorted(maps.Keys(tagsOf(sch.OneOf[0]))) {
		if branches := branchesBy(member, sch.OneOf); branches != nil {
			return member, branches
		}
	}
	return "", nil
}

// branchesBy maps the values of member to branches, nil when it does not tell
// all of them apart.
func branchesBy(member string, branches []*jsonschema.Schema) map[string]*jsonschema.Schema {
	byTag := make(map[string]*jsonschema.Schema, len(branches))
	for _, branch := range branches {
		tags := tagsOf(branch)[member]
		if len(tags) == 0 {
			return nil
		}
		for _, tag := range tags {
			if _, taken := byTag[tag]; taken {
				return nil
			}
			byTag[tag] = branch
		}
	}
	return byTag
}

// maxRefs bounds how many references tagsOf follows from a branch.
const maxRefs = 8

// tagsOf are the members that sch requires and restricts to a list of strings.
func tagsOf(sch *jsonschema.Schema) map[string][]string {
	tags := map[string][]string{}
	for range maxRefs {
		for _, name := range sch.Required {
			if property := sch.Properties[name]; property != nil {
				if values := stringsOf(property); values != nil {
					tags[name] = values
				}
			}
		}
		if sch = sch.Ref; sch == nil {
			break
		}
	}
	return tags
}

// stringsOf are the strings that sch allows, nil when it allows anything else.
func stringsOf(sch *jsonschema.Schema) []string {
	var values []any
	switch {
	case sch.Const != nil:
		values = []any{*sch.Const}
	case sch.Enum != nil:
		values = sch.Enum.Values
	}
	texts := make([]string, 0, len(values))
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// dispatched tries a oneOf that a member tells apart.
func (e *evaluator) dispatched(f *evaluation) {
	d := f.r.dispatch
	if f.v.Kind() != '{' {
		if e.matches(f, f.r.oneOf) != 1 {
			e.fail(f, "oneOf")
		}
		return
	}
	e.meter.spend(f.v.Len() / 4)
	value, there := f.v.Member(d.member)
	if !there {
		e.failAt(f, "required", findings.Name(d.member))
		return
	}
	tag := ""
	if value.Kind() == '"' {
		e.spendText(value)
		tag = string(value.Text())
	}
	branch := d.branches[tag]
	if branch == nil {
		e.failAt(f, "oneOf", findings.Name(d.member))
		return
	}
	e.inPlace(f, branch, false)
}

// program makes the program that recognizes valid records without an evaluator. tree are the
// fields that they may have; captured are members that the caller wants to see.
func (s *schema) program(tree *fields.Tree, positions bool, captured []string, opts options) *accept.Program {
	o := accept.Options{
		Fields: acceptedFields(tree), Positions: positions, Captured: captured,
		Steps: func(n int) int { return stepsBase + stepsPerByte*n },
	}
	if !opts.undispatched {
		o.Branches = branchesOf
	}
	return accept.Compile(s.source, o)
}

func acceptedFields(tree *fields.Tree) *accept.Fields {
	accepted := &accept.Fields{Whole: tree.Whole, Children: map[string]*accept.Fields{}}
	for name, child := range tree.Children {
		accepted.Children[name] = acceptedFields(child)
	}
	return accepted
}

// compileProgram makes the checker's program. Of keys it captures the pointers of one token.
func (c *Checker) compileProgram() {
	c.captured = map[string]int{}
	var names []string
	for _, key := range append(slices.Clone(c.doc.unique), c.doc.identity()) {
		for _, pointer := range key {
			if len(pointer) != 1 {
				continue
			}
			if _, known := c.captured[pointer[0]]; !known {
				c.captured[pointer[0]] = len(names)
				names = append(names, pointer[0])
			}
		}
	}
	c.program = c.schema.program(c.fields, keepsPositions(c.doc.Version), names, c.opts)
	c.schema.source = nil
}
