package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medibloc/pdx/criteria/draft"
)

// Members of contracts, tables and columns that say nothing of the records.
var (
	contractText = []string{
		"apiVersion", "kind", "id", "name", "version", "status", "tenant", "tags", "servers", "dataProduct", "description", "domain", "price",
		"team", "roles", "support", "contractCreatedTs", "authoritativeDefinitions", "customProperties",
	}
	elementText = []string{
		"id", "name", "physicalType", "physicalName", "description", "businessName", "tags", "customProperties", "authoritativeDefinitions",
		"logicalType",
	}
	tableText  = append([]string{"dataGranularityDescription"}, elementText...)
	columnText = append([]string{
		"partitioned", "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects", "transformLogic",
		"transformDescription", "examples", "criticalDataElement",
	}, elementText...)
	columnRules = []string{
		"logicalTypeOptions", "required", "unique", "primaryKey", "primaryKeyPosition", "quality", "properties", "items", "enum",
	}
)

// contract reads a data contract.
func (t *table) contract(root map[string]any, name string) error {
	if version := textIn(root, "apiVersion"); !strings.HasPrefix(version, "v3.") {
		return fmt.Errorf("apiVersion %.20q: version 3 of ODCS is read", version)
	}
	t.only("", root, append([]string{"schema"}, contractText...)...)
	tables := objects(root, "schema")
	i, err := pick(tables, name)
	if err != nil {
		return err
	}
	path, chosen := fmt.Sprintf("schema/%d", i), tables[i]
	t.only(path, chosen, append([]string{"properties", "quality"}, tableText...)...)
	t.draft.Title, t.draft.Description = firstText(chosen, "businessName", "name"), textIn(chosen, "description")
	if t.draft.Title == "" {
		t.draft.Title = "Imported table"
	}
	columns := objects(chosen, "properties")
	if len(columns) == 0 {
		return errors.New("the table has no properties")
	}
	for i, column := range columns {
		t.property(fmt.Sprintf("%s/properties/%d", path, i), column)
	}
	t.contractKeys(path, columns)
	for i, column := range columns {
		at := fmt.Sprintf("%s/properties/%d", path, i)
		for k, check := range objects(column, "quality") {
			t.columnCheck(fmt.Sprintf("%s/quality/%d", at, k), textIn(column, "name"), check)
		}
	}
	for k, check := range objects(chosen, "quality") {
		t.tableCheck(fmt.Sprintf("%s/quality/%d", path, k), check)
	}
	return nil
}

func firstText(o map[string]any, names ...string) string {
	for _, name := range names {
		if s := textIn(o, name); s != "" {
			return s
		}
	}
	return ""
}

// property reads a column.
func (t *table) property(path string, column map[string]any) {
	t.only(path, column, append(columnRules, columnText...)...)
	name := textIn(column, "name")
	if name == "" || t.column(name) != nil {
		t.refuse(join(path, "name"), "a column has a name of its own")
		return
	}
	t.draft.Columns = append(t.draft.Columns, draft.Column{
		Name: name, Required: isTrue(column, "required") || isTrue(column, "primaryKey"),
		Purpose: firstText(column, "description", "businessName"),
	})
	keywords := t.element(path, name, column)
	if !t.column(name).Required {
		keywords = optional(keywords)
	}
	t.column(name).Schema = keywords
}

// logical are the logical types, as JSON Schema has them.
var logical = map[string]map[string]any{
	"string": {"type": "string"}, "number": {"type": "number"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"},
	"object": {"type": "object"}, "array": {"type": "array"}, "": {},
	"date": {"type": "string", "format": "date"}, "timestamp": {"type": "string", "format": "date-time"},
	"time": {"type": "string", "format": "time"},
}

// element returns the keywords of a column, or of an element below one, which has no column.
func (t *table) element(path, column string, element map[string]any) map[string]any {
	kind, keywords := textIn(element, "logicalType"), map[string]any{}
	known, ok := logical[kind]
	if !ok {
		t.refuse(join(path, "logicalType"), fmt.Sprintf("the type %q has no counterpart", kind))
	}
	for name, value := range known {
		keywords[name] = value
	}
	t.typeOptions(join(path, "logicalTypeOptions"), kind, column, keywords, object(element, "logicalTypeOptions"))
	t.enum(join(path, "enum"), keywords, plainEnum(element["enum"]))
	if items := object(element, "items"); items != nil {
		keywords["items"] = t.inner(join(path, "items"), items)
	}
	if list := objects(element, "properties"); len(list) > 0 {
		t.innerProperties(join(path, "properties"), keywords, list)
	}
	return keywords
}

// plainEnum takes the values out of a list of described values.
func plainEnum(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	values := make([]any, len(list))
	for i, element := range list {
		values[i] = element
		if described, ok := element.(map[string]any); ok {
			values[i] = described["value"]
		}
	}
	return values
}

// inner returns the keywords of an element of a list or a member of an object.
func (t *table) inner(path string, element map[string]any) map[string]any {
	t.only(path, element, append([]string{"logicalTypeOptions", "required", "properties", "items", "enum"}, columnText...)...)
	keywords := t.element(path, "", element)
	if !isTrue(element, "required") {
		return optional(keywords)
	}
	return keywords
}

func (t *table) innerProperties(path string, keywords map[string]any, list []map[string]any) {
	properties, required := map[string]any{}, []any{}
	for i, element := range list {
		name := textIn(element, "name")
		properties[name] = t.inner(fmt.Sprintf("%s/%d", path, i), element)
		if isTrue(element, "required") {
			required = append(required, name)
		}
	}
	keywords["properties"] = properties
	before, _ := keywords["required"].([]any)
	for _, name := range before {
		if !slices.Contains(required, name) {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		keywords["required"] = required
	}
}

// The options of each logical type that have a keyword.
var (
	ofStrings = map[string]string{"minLength": "minLength", "maxLength": "maxLength", "pattern": "pattern"}
	ofNumbers = map[string]string{
		"minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "exclusiveMinimum", "exclusiveMaximum": "exclusiveMaximum",
		"multipleOf": "multipleOf",
	}
	ofLists   = map[string]string{"minItems": "minItems", "maxItems": "maxItems", "uniqueItems": "uniqueItems"}
	ofObjects = map[string]string{"minProperties": "minProperties", "maxProperties": "maxProperties"}
	ofDates   = map[string]string{"minimum": "", "maximum": "", "exclusiveMinimum": "", "exclusiveMaximum": ""}
)

// formats are those of strings that JSON Schema has.
var formats = []string{"email", "uuid", "uri", "hostname", "ipv4", "ipv6"}

func (t *table) typeOptions(path, kind, column string, keywords, options map[string]any) {
	names := map[string]map[string]string{
		"string": ofStrings, "number": ofNumbers, "integer": ofNumbers, "array": ofLists, "object": ofObjects,
		"date": ofDates, "timestamp": ofDates,
	}[kind]
	known := append(sortedKeys(names), "format", "enum")
	if kind == "object" {
		known = append(known, "required")
	}
	t.only(path, options, known...)
	switch {
	case kind != "date" && kind != "timestamp":
		t.carry(path, keywords, options, names)
	case column == "":
		for name := range ofDates {
			if options[name] != nil {
				t.refuse(join(path, name), "limits of dates within lists and objects have no counterpart")
			}
		}
	default:
		t.limitDates(path, column, kindFunction[kind], options)
	}
	t.enum(join(path, "enum"), keywords, options["enum"])
	t.format(join(path, "format"), kind, keywords, textIn(options, "format"))
	if required, there := options["required"]; there && kind == "object" {
		list, ok := texts(required)
		if !ok {
			t.refuse(join(path, "required"), "write a list of names")
		}
		var names []any
		for _, name := range list {
			names = append(names, name)
		}
		keywords["required"] = names
	}
}

var kindFunction = map[string]string{"date": "date", "timestamp": "timestamp"}

// format carries the format of a string, the width of a number as its range, and of dates
// that of RFC 3339.
func (t *table) format(path, kind string, keywords map[string]any, format string) {
	if format == "" || t.drops(path) {
		return
	}
	switch {
	case kind == "string" && slices.Contains(formats, format):
		keywords["format"] = format
	case kind == "date" && format == "yyyy-MM-dd", kind == "timestamp" && format == "yyyy-MM-ddTHH:mm:ssZ":
	case kind == "integer" && rangeOf(format) != nil:
		keywords["allOf"] = []any{rangeOf(format)}
	case kind == "number" && (format == "f32" || format == "f64"):
		most := map[string]string{"f32": "3.4028234663852886e38", "f64": "1.7976931348623157e308"}[format]
		keywords["allOf"] = []any{bounds("-"+most, most)}
	default:
		t.refuse(path, fmt.Sprintf("the format %q has no counterpart", format))
	}
}

// rangeOf is the range of a width of integers, such as i32.
func rangeOf(format string) map[string]any {
	bits, err := strconv.Atoi(strings.TrimLeft(format, "iu"))
	if err != nil || !slices.Contains([]int{8, 16, 32, 64, 128}, bits) || len(format) < 2 {
		return nil
	}
	if format[0] == 'u' {
		return bounds("0", power(bits, -1))
	}
	return bounds("-"+power(bits-1, 0), power(bits-1, -1))
}
