package criteria

import (
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// prepare makes rules of every schema that evaluation can reach, and notes the
// member names that they know.
func prepare(c compiled, opts options) *schema {
	all := reachable(append(slices.Clone(c.anchored), c.root))
	s := &schema{names: map[string]struct{}{}}
	for _, sch := range all {
		for name := range sch.Properties {
			s.names[name] = struct{}{}
		}
		for _, name := range sch.Required {
			s.names[name] = struct{}{}
		}
	}
	all = reachable(append(documentRoots(c.compiler, all), all...))
	rules := newRules(all, opts)
	rules.findResources(all)
	s.root = rules.of(c.root)
	return s
}

// documentRoots are the roots of the documents that schemas are in: they are
// resources, and not always referred to.
func documentRoots(c *jsonschema.Compiler, all []*jsonschema.Schema) []*jsonschema.Schema {
	var roots []*jsonschema.Schema
	seen := map[string]struct{}{}
	for _, sch := range all {
		document, _, _ := strings.Cut(sch.Location, "#")
		if _, ok := seen[document]; ok {
			continue
		}
		seen[document] = struct{}{}
		if root, err := c.Compile(document + "#"); err == nil {
			roots = append(roots, root)
		}
	}
	return roots
}

// findResources gives each rule the resource that it is in, and each resource
// its dynamic anchors.
func (s *ruleSet) findResources(all []*jsonschema.Schema) {
	at := make(map[string]*jsonschema.Schema, len(all))
	for _, sch := range all {
		at[sch.Location] = sch
	}
	of := map[string]*resource{}
	for _, sch := range all {
		root := resourceRoot(at, sch.Location)
		res := of[root]
		if res == nil {
			res = &resource{anchors: map[string]*rule{}}
			if head := at[root]; head != nil {
				res.recursive = head.RecursiveAnchor
			}
			of[root] = res
		}
		r := s.rules[sch]
		if r.resource = res; sch.DynamicAnchor != "" {
			res.anchors[sch.DynamicAnchor] = r
		}
	}
}

// resourceRoot is the location of the nearest schema with an $id that a location
// is in, or of the document.
func resourceRoot(at map[string]*jsonschema.Schema, location string) string {
	document, pointer, _ := strings.Cut(location, "#")
	for pointer != "" {
		if sch := at[document+"#"+pointer]; sch != nil && sch.ID != "" {
			break
		}
		pointer = pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
	}
	return document + "#" + pointer
}

// reachable are all schemas below roots, each once.
func reachable(roots []*jsonschema.Schema) []*jsonschema.Schema {
	seen := map[*jsonschema.Schema]struct{}{}
	var all []*jsonschema.Schema
	queue := roots
	for len(queue) > 0 {
		sch := queue[0]
		queue = queue[1:]
		if _, ok := seen[sch]; ok || sch == nil {
			continue
		}
		seen[sch] = struct{}{}
		all = append(all, sch)
		queue = append(queue, inPlace(sch)...)
		queue = append(queue, below(sch)...)
	}
	return all
}

// inPlace are the subschemas that are evaluated on the same value.
func inPlace(sch *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{sch.Ref, sch.RecursiveRef, sch.Not, sch.If, sch.Then, sch.Else}
	if sch.DynamicRef != nil {
		list = append(list, sch.DynamicRef.Ref)
	}
	list = append(list, sch.AllOf...)
	list = append(list, sch.AnyOf...)
	list = append(list, sch.OneOf...)
	for _, dependent := range sch.DependentSchemas {
		list = append(list, dependent)
	}
	for _, dependency := range sch.Dependencies {
		list = appendSchema(list, dependency)
	}
	return list
}

// below are the subschemas that are evaluated on members, elements and names.
func below(sch *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{
		sch.PropertyNames, sch.UnevaluatedProperties, sch.Contains,
		sch.Items2020, sch.UnevaluatedItems, sch.ContentSchema,
	}
	for _, property := range sch.Properties {
		list = append(list, property)
	}
	for _, property := range sch.PatternProperties {
		list = append(list, property)
	}
	list = appendSchema(list, sch.AdditionalProperties)
	list = appendSchema(list, sch.Items)
	list = appendSchema(list, sch.AdditionalItems)
	return append(list, sch.PrefixItems...)
}

func appendSchema(list []*jsonschema.Schema, value any) []*jsonschema.Schema {
	switch value := value.(type) {
	case *jsonschema.Schema:
		return append(list, value)
	case []*jsonschema.Schema:
		return append(list, value...)
	}
	return list
}

// uriToken is a member name as a token of a JSON pointer in a URI's fragment.
func uriToken(name string) string {
	return url.PathEscape(strict.Step{Name: name}.String())
}

// inPlaceCycle returns where a schema can be reached again from itself on the same
// value, or "". Evaluation of such a schema would not end. Only schemas that
// evaluation can reach from root count.
func inPlaceCycle(root *jsonschema.Schema) string {
	const open, closed = 1, 2
	state := map[*jsonschema.Schema]int{}
	var visit func(sch *jsonschema.Schema) string
	visit = func(sch *jsonschema.Schema) string {
		if sch == nil || state[sch] == closed {
			return ""
		}
		if state[sch] == open {
			_, pointer, _ := strings.Cut(sch.Location, "#")
			return "#" + pointer
		}
		state[sch] = open
		for _, next := range evaluatedInPlace(sch) {
			if at := visit(next); at != "" {
				return at
			}
		}
		state[sch] = closed
		return ""
	}
	for _, sch := range reachable([]*jsonschema.Schema{root}) {
		if at := visit(sch); at != "" {
			return at
		}
	}
	return ""
}

// evaluatedInPlace is inPlace without what no evaluation comes to. A dynamic
// reference is followed to its static target only where the dynamic scope cannot
// lead it elsewhere; the evaluator finds the cycles of the others.
func evaluatedInPlace(sch *jsonschema.Schema) []*jsonschema.Schema {
	if sch.DraftVersion < 2019 && sch.Ref != nil { // it hides its siblings
		return []*jsonschema.Schema{sch.Ref}
	}
	static := *sch
	if sch.DynamicRef != nil && sch.DynamicRef.Anchor != "" {
		static.DynamicRef = nil
	}
	if sch.RecursiveRef != nil && sch.RecursiveRef.RecursiveAnchor {
		static.RecursiveRef = nil
	}
	if sch.If == nil {
		static.Then, static.Else = nil, nil
	}
	return inPlace(&static)
}
