package accept

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// objectOf fills in the keywords of objects.
func (c *compiler) objectOf(n *node, sch *jsonschema.Schema, k key) {
	if sch.Ref != nil && sch.DraftVersion < 2019 {
		sch = &jsonschema.Schema{DraftVersion: sch.DraftVersion}
	}
	if len(sch.PatternProperties) > 0 || sch.PropertyNames != nil || sch.UnevaluatedProperties != nil || len(sch.DependentRequired) > 0 ||
		len(sch.DependentSchemas) > 0 || len(sch.Dependencies) > 0 {
		n.unsupported |= isObject
		return
	}
	o := n.object
	o.min, o.max = least(sch.MinProperties), most(sch.MaxProperties)
	o.extraSteps = len(sch.Required)
	names := map[string]struct{}{}
	for name := range sch.Properties {
		names[name] = struct{}{}
	}
	for _, name := range sch.Required {
		names[name] = struct{}{}
	}
	if k.fields != nil {
		for name := range k.fields.Children {
			names[name] = struct{}{}
		}
	}
	if k.root {
		for _, name := range c.options.Captured {
			names[name] = struct{}{}
		}
	}
	additional := always
	switch is := sch.AdditionalProperties.(type) {
	case bool:
		if !is {
			no := false
			additional = &jsonschema.Schema{Bool: &no}
		}
	case *jsonschema.Schema:
		additional = is
	}
	o.byName = make(map[string]int32, len(names))
	o.required = make([]uint64, (len(names)+63)/64)
	for i, name := range slices.Sorted(maps.Keys(names)) {
		own := sch.Properties[name]
		if own == nil {
			own = additional
		}
		o.byName[name] = int32(i)
		o.members = append(o.members, member{quoted(name), c.below(own, k.fields, name), 1 + slices.Index(c.options.Captured, name)})
		if !k.root {
			o.members[i].capture = 0
		}
		if slices.Contains(sch.Required, name) {
			o.required[i/64] |= 1 << (i % 64)
		}
	}
	if o.other = c.whole(additional); k.fields != nil {
		o.other = undisclosed
	}
	o.base = c.predictions
	c.predictions += len(names) + 1
}

// undisclosed is the node of members that are not disclosed.
var undisclosed = &node{refused: allKinds}

// below is the node of a member, of which parts may be disclosed.
func (c *compiler) below(sch *jsonschema.Schema, fields *Fields, name string) *node {
	if fields == nil {
		return c.whole(sch)
	}
	child := fields.Children[name]
	if child == nil {
		return undisclosed
	}
	return c.node(key{schema: sch, fields: child})
}

// quoted is a name as JSON without escapes, nil if there is no such text.
func quoted(name string) []byte {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c == '"' || c == '\\' {
			return nil
		}
	}
	if !utf8.ValidString(name) {
		return nil
	}
	return []byte(`"` + name + `"`)
}

// arrayOf fills in the keywords of arrays.
func (c *compiler) arrayOf(n *node, sch *jsonschema.Schema, k key) {
	if sch.Ref != nil && sch.DraftVersion < 2019 {
		sch = &jsonschema.Schema{DraftVersion: sch.DraftVersion}
	}
	if sch.UnevaluatedItems != nil {
		n.unsupported |= isArray
		return
	}
	a := n.array
	if sch.Contains != nil {
		a.contains, a.minContains, a.maxContains = c.whole(sch.Contains), 1, most(sch.MaxContains)
		if sch.MinContains != nil {
			a.minContains = *sch.MinContains
		}
	}
	a.min, a.max, a.unique = least(sch.MinItems), most(sch.MaxItems), sch.UniqueItems
	first, rest := sch.PrefixItems, sch.Items2020
	if sch.DraftVersion < 2020 {
		first, rest = nil, nil
		switch items := sch.Items.(type) {
		case *jsonschema.Schema:
			rest = items
		case []*jsonschema.Schema:
			first = items
		}
		if _, one := sch.Items.(*jsonschema.Schema); !one {
			switch additional := sch.AdditionalItems.(type) {
			case bool:
				if !additional && (a.max < 0 || a.max > len(first)) {
					a.max = len(first)
				}
			case *jsonschema.Schema:
				rest = additional
			}
		}
	}
	if rest == nil {
		rest = always
	}
	element := func(sch *jsonschema.Schema) *node {
		return c.node(key{schema: sch, fields: k.fields, nullable: k.fields != nil && c.options.Positions})
	}
	for _, sch := range first {
		a.first = append(a.first, element(sch))
	}
	a.rest = element(rest)
}
