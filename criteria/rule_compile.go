package criteria

import (
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/pattern"
)

// ruleSet makes rules of compiled schemas, each once.
type ruleSet struct {
	rules map[*jsonschema.Schema]*rule
	opts  options
}

// of is the rule of a schema, nil of none.
func (s *ruleSet) of(sch *jsonschema.Schema) *rule {
	if sch == nil {
		return nil
	}
	return s.rules[sch]
}

func (s *ruleSet) list(list []*jsonschema.Schema) []*rule {
	rules := make([]*rule, len(list))
	for i, sch := range list {
		rules[i] = s.of(sch)
	}
	return rules
}

func (s *ruleSet) byName(schemas map[string]*jsonschema.Schema) map[string]*rule {
	rules := make(map[string]*rule, len(schemas))
	for name, sch := range schemas {
		rules[name] = s.of(sch)
	}
	return rules
}

// newRules makes the rules of all schemas.
func newRules(all []*jsonschema.Schema, opts options) *ruleSet {
	s := &ruleSet{map[*jsonschema.Schema]*rule{}, opts}
	for _, sch := range all {
		s.rules[sch] = &rule{}
	}
	for _, sch := range all {
		s.fill(s.rules[sch], sch)
	}
	return s
}

func (s *ruleSet) fill(r *rule, sch *jsonschema.Schema) {
	if sch.Bool != nil {
		r.never, r.anything = !*sch.Bool, *sch.Bool
		return
	}
	r.draft, r.format, r.anchor = sch.DraftVersion, formatOf(sch.Format), sch.RecursiveAnchor
	if sch.Types != nil {
		for _, name := range sch.Types.ToStrings() {
			r.types |= typeNames[name]
		}
	}
	if sch.Const != nil {
		r.constant = newLiterals([]any{*sch.Const})
	}
	if sch.Enum != nil {
		r.enum = newLiterals(sch.Enum.Values)
	}
	r.ref, r.recursive = s.of(sch.Ref), s.of(sch.RecursiveRef)
	if d := sch.DynamicRef; d != nil {
		r.dynamic = s.of(d.Ref)
		if d.Anchor != "" && d.Ref.DynamicAnchor == d.Anchor {
			r.dynamicName = d.Anchor
		}
	}
	r.not, r.if_, r.then, r.else_ = s.of(sch.Not), s.of(sch.If), s.of(sch.Then), s.of(sch.Else)
	r.allOf, r.anyOf, r.oneOf = s.list(sch.AllOf), s.list(sch.AnyOf), s.list(sch.OneOf)
	if !s.opts.undispatched {
		r.dispatch = s.dispatchOf(sch)
	}
	s.fillObject(&r.object, sch)
	s.fillArray(&r.array, sch)
	fillText(&r.text, sch)
	r.number = numberRule{
		used:    sch.Minimum != nil || sch.Maximum != nil || sch.ExclusiveMinimum != nil || sch.ExclusiveMaximum != nil || sch.MultipleOf != nil,
		minimum: sch.Minimum, maximum: sch.Maximum,
		exclusiveMin: sch.ExclusiveMinimum, exclusiveMax: sch.ExclusiveMaximum, multipleOf: sch.MultipleOf,
	}
}

func (s *ruleSet) fillObject(o *objectRule, sch *jsonschema.Schema) {
	o.min, o.max, o.required = sch.MinProperties, sch.MaxProperties, sch.Required
	o.properties = s.byName(sch.Properties)
	for expr, sub := range sch.PatternProperties {
		p := patternRule{expr: expr.(*regexp.Regexp), rule: s.of(sub)} // made by loader.pattern
		p.ops, _ = pattern.Ops(expr.String())
		o.patterns = append(o.patterns, p)
	}
	o.closed = sch.AdditionalProperties != nil
	switch additional := sch.AdditionalProperties.(type) {
	case bool:
		o.forbid = !additional
	case *jsonschema.Schema:
		o.additional = s.of(additional)
	}
	o.names, o.unevaluated = s.of(sch.PropertyNames), s.of(sch.UnevaluatedProperties)
	o.dependentSchemas, o.dependentRequired = s.byName(sch.DependentSchemas), sch.DependentRequired
	o.dependencies, o.dependentNames = map[string]*rule{}, map[string][]string{}
	for name, dependency := range sch.Dependencies {
		switch dependency := dependency.(type) {
		case *jsonschema.Schema:
			o.dependencies[name] = s.of(dependency)
		case []string:
			o.dependentNames[name] = dependency
		}
	}
	o.wantAll()
	o.used = o.min != nil || o.max != nil || len(o.wanted) > 0 || len(o.properties) > 0 || len(o.patterns) > 0 || o.closed || o.names != nil
}

// want numbers a name whose presence counts.
func (o *objectRule) want(name string) {
	if o.wanted == nil {
		o.wanted = map[string]int{}
	}
	if _, ok := o.wanted[name]; !ok {
		o.wanted[name] = len(o.wanted)
	}
	o.used = true
}

func (o *objectRule) wantAll() {
	lists := [][]string{o.required}
	for _, by := range []map[string][]string{o.dependentNames, o.dependentRequired} {
		for name, names := range by {
			lists = append(lists, []string{name}, names)
		}
	}
	for _, by := range []map[string]*rule{o.dependencies, o.dependentSchemas} {
		for name := range by {
			lists = append(lists, []string{name})
		}
	}
	for _, names := range lists {
		for _, name := range names {
			o.want(name)
		}
	}
}

func (s *ruleSet) fillArray(a *arrayRule, sch *jsonschema.Schema) {
	a.min, a.max, a.unique = sch.MinItems, sch.MaxItems, sch.UniqueItems
	a.contains, a.minContains, a.maxContains = s.of(sch.Contains), sch.MinContains, sch.MaxContains
	a.unevaluated = s.of(sch.UnevaluatedItems)
	if sch.DraftVersion >= 2020 {
		a.first, a.rest, a.all = s.list(sch.PrefixItems), s.of(sch.Items2020), sch.Items2020 != nil
	} else {
		s.fillItems(a, sch)
	}
	a.used = a.min != nil || a.max != nil || a.unique || a.noMore || a.rest != nil || len(a.first) > 0 || a.contains != nil
}

// fillItems reads items and additionalItems of the drafts before 2020-12.
func (s *ruleSet) fillItems(a *arrayRule, sch *jsonschema.Schema) {
	switch items := sch.Items.(type) {
	case *jsonschema.Schema:
		a.rest, a.all = s.of(items), true
		return
	case []*jsonschema.Schema:
		a.first = s.list(items)
	}
	a.all = sch.AdditionalItems != nil
	switch additional := sch.AdditionalItems.(type) {
	case bool:
		a.noMore = !additional
	case *jsonschema.Schema:
		a.rest = s.of(additional)
	}
}

func fillText(t *textRule, sch *jsonschema.Schema) {
	t.min, t.max = sch.MinLength, sch.MaxLength
	if sch.Pattern != nil {
		t.pattern = sch.Pattern.(*regexp.Regexp) // made by loader.pattern
		t.ops, _ = pattern.Ops(sch.Pattern.String())
	}
}
