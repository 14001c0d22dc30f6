package criteria

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/format"
)

// shapeOf is what a schema says of records whose format has no types. It looks only at
// what holds for every record: the root and what it refers to or combines with allOf.
// docs/spec/formats.md has the rule, for it decides how a cell is read.
func shapeOf(root *jsonschema.Schema) *format.Shape {
	shape := &format.Shape{Columns: map[string]format.Column{}}
	for _, sch := range applied(root) {
		if kind := sch.Properties["resourceType"]; kind != nil {
			for _, of := range applied(kind) {
				if names := stringsOf(of); len(names) > 0 && shape.Resources == nil {
					shape.Resources = slices.Sorted(slices.Values(names))
				}
			}
		}
		for name, property := range sch.Properties {
			for _, of := range applied(property) {
				if column := columnOf(of); column != format.Text && shape.Columns[name] != format.Number {
					shape.Columns[name] = column
				}
			}
		}
	}
	return shape
}

// columnOf is the type of a column whose values a schema allows: text if that may be
// anything but numbers, or anything but booleans. A cell is never null.
func columnOf(sch *jsonschema.Schema) format.Column {
	if sch.Types == nil {
		return format.Text
	}
	column := format.Text
	for _, name := range sch.Types.ToStrings() {
		of := format.Text
		switch name {
		case "null":
			continue
		case "number", "integer":
			of = format.Number
		case "boolean":
			of = format.Boolean
		}
		if of == format.Text || column != format.Text && column != of {
			return format.Text
		}
		column = of
	}
	return column
}

// maxApplied bounds the schemas that applied lists: a hostile schema could chain all that
// it has.
const maxApplied = 64

// applied lists a schema and those that hold for the same value wherever it holds, by $ref
// and allOf: breadth first, each once, at most maxApplied.
func applied(sch *jsonschema.Schema) []*jsonschema.Schema {
	list, seen := []*jsonschema.Schema{sch}, map[*jsonschema.Schema]bool{sch: true}
	for i := 0; i < len(list); i++ {
		next := list[i].AllOf
		if ref := list[i].Ref; ref != nil {
			next = append([]*jsonschema.Schema{ref}, next...)
		}
		for _, one := range next {
			if len(list) == maxApplied {
				return list
			}
			if !seen[one] {
				list, seen[one] = append(list, one), true
			}
		}
	}
	return list
}
