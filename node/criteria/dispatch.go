package criteria

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
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
	branches map[string]*jsonschema.Schema
	oneOf    *jsonschema.Schema // the oneOf alone
}

// dispatchOneOf replaces sch's oneOf where that cannot change a verdict. An
// OpenAPI-like "discriminator" beside it is neither needed nor believed.
func dispatchOneOf(sch *jsonschema.Schema) {
	if len(sch.OneOf) < 2 {
		return
	}
	tags := tagsOf(sch.OneOf[0])
	members := make([]string, 0, len(tags))
	for member := range tags {
		members = append(members, member)
	}
	slices.Sort(members)
	for _, member := range members {
		if branches := branchesBy(member, sch.OneOf); branches != nil {
			oneOf := &jsonschema.Schema{DraftVersion: sch.DraftVersion, Location: sch.Location, OneOf: sch.OneOf}
			sch.Extensions = append(sch.Extensions, &dispatch{member, branches, oneOf})
			sch.OneOf = nil
			return
		}
	}
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

// Validate implements jsonschema.SchemaExt.
func (d *dispatch) Validate(ctx *jsonschema.ValidatorContext, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		if err := ctx.Validate(d.oneOf, v, nil); err != nil {
			ctx.AddErr(err)
		}
		return
	}
	tag, _ := object[d.member].(string)
	branch := d.branches[tag]
	if _, present := object[d.member]; branch == nil || !present {
		ctx.AddError(&noBranch{member: d.member, missing: !present})
		return
	}
	if err := ctx.Validate(branch, v, nil); err != nil {
		ctx.AddErr(err)
	}
}

// noBranch says that an object's member names no branch of a oneOf.
type noBranch struct {
	kind.OneOf
	member  string
	missing bool
}

// propertyNames checks names as the keyword does; jsonschema's own reports the
// place in a slice that it goes on to overwrite.
type propertyNames struct{ names *jsonschema.Schema }

func ownPropertyNames(sch *jsonschema.Schema) {
	if sch.PropertyNames != nil {
		sch.Extensions = append(sch.Extensions, propertyNames{sch.PropertyNames})
		sch.PropertyNames = nil
	}
}

// Validate implements jsonschema.SchemaExt.
func (p propertyNames) Validate(ctx *jsonschema.ValidatorContext, v any) {
	object, _ := v.(map[string]any)
	for name := range object {
		if p.names.Validate(name) != nil {
			ctx.AddError(&kind.PropertyNames{Property: name})
		}
	}
}
