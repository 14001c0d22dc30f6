package criteria

import (
	"net/url"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/node/criteria/internal/strict"
)

// prepare readies every schema that evaluation can reach from roots: it notes
// the member names they know, puts a meter on each, and dispatches each oneOf
// that can be.
func (s *schema) prepare(roots []*jsonschema.Schema, opts options) {
	all := reachable(roots)
	for _, sch := range all {
		for name := range sch.Properties {
			s.names[name] = struct{}{}
		}
		for _, name := range sch.Required {
			s.names[name] = struct{}{}
		}
		ownPropertyNames(sch)
	}
	if !opts.undispatched {
		for _, sch := range all {
			dispatchOneOf(sch)
		}
	}
	for _, sch := range all {
		s.meter.attach(sch)
	}
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
	list := []*jsonschema.Schema{sch.PropertyNames, sch.UnevaluatedProperties, sch.Contains, sch.Items2020, sch.UnevaluatedItems, sch.ContentSchema}
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
