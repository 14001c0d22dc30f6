package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/medibloc/pdx/criteria/draft"
)

// Members of table schemas, resources and packages that say nothing of the records.
var (
	packageText = []string{
		"$schema", "name", "id", "title", "description", "homepage", "version", "created", "contributors", "keywords", "image",
		"licenses", "sources", "profile",
	}
	resourceText = append([]string{
		"path", "data", "type", "format", "mediatype", "encoding", "bytes", "hash", "dialect", "scheme", "compression", "extrapaths",
	}, packageText...)
	fieldText = []string{"name", "type", "format", "title", "description", "example", "rdfType", "constraints"}
)

// tableSchema reads a table schema, the resource that has one, or a package of resources.
func (t *table) tableSchema(root map[string]any, name string) error {
	schema, path := root, ""
	switch {
	case root["resources"] != nil:
		t.only("", root, append([]string{"resources"}, packageText...)...)
		i, err := pick(objects(root, "resources"), name)
		if err != nil {
			return err
		}
		root, path = objects(root, "resources")[i], fmt.Sprintf("resources/%d", i)
		fallthrough
	case root["schema"] != nil:
		t.only(path, root, append([]string{"schema"}, resourceText...)...)
		schema, path = object(root, "schema"), join(path, "schema")
	}
	t.draft.Title, t.draft.Description = textIn(root, "title"), textIn(root, "description")
	if t.draft.Title == "" {
		t.draft.Title = textIn(root, "name")
	}
	if t.draft.Title == "" {
		t.draft.Title = "Imported table"
	}
	if len(objects(schema, "fields")) == 0 {
		return errors.New("a table schema has a list of fields")
	}
	t.only(path, schema, append([]string{"fields", "missingValues", "primaryKey", "uniqueKeys", "fieldsMatch"}, packageText...)...)
	if match := schema["fieldsMatch"]; match != nil && match != "exact" && match != "equal" {
		t.refuse(join(path, "fieldsMatch"), "criteria always list all columns")
	}
	t.fields(path, schema)
	t.keys(path, schema)
	return nil
}

// pick is the table that is meant.
func pick(tables []map[string]any, name string) (int, error) {
	var names []string
	for i, table := range tables {
		if names = append(names, textIn(table, "name")); name != "" && names[i] == name {
			return i, nil
		}
	}
	switch {
	case len(tables) == 1 && name == "":
		return 0, nil
	case len(tables) == 0:
		return 0, errors.New("there is no table in it")
	}
	return 0, fmt.Errorf("name one of its tables: %s", strings.Join(names, ", "))
}

func (t *table) fields(path string, schema map[string]any) {
	missing := []string{""}
	if v, there := schema["missingValues"]; there && !t.drops(join(path, "missingValues")) {
		ok := false
		if missing, ok = texts(v); !ok {
			t.refuse(join(path, "missingValues"), "only texts are read")
		}
	}
	primary, _ := texts(schema["primaryKey"])
	for i, field := range objects(schema, "fields") {
		at := fmt.Sprintf("%s/%d", join(path, "fields"), i)
		t.only(at, field, fieldText...)
		name := textIn(field, "name")
		if name == "" || t.column(name) != nil {
			t.refuse(join(at, "name"), "a column has a name of its own")
			continue
		}
		constraints := object(field, "constraints")
		c := draft.Column{Name: name, Required: isTrue(constraints, "required") || slices.Contains(primary, name)}
		c.Purpose = textIn(field, "description")
		if c.Purpose == "" {
			c.Purpose = textIn(field, "title")
		}
		t.draft.Columns = append(t.draft.Columns, c)
		keywords := t.field(at, field, missing)
		t.column(name).Schema = keywords
	}
}

// typed are the types of fields that JSON Schema has, too.
var typed = map[string]map[string]any{
	"string": {"type": "string"}, "number": {"type": "number"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"},
	"object": {"type": "object"}, "array": {"type": "array"}, "any": {}, "": {"type": "string"},
	"date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
	"time": {"type": "string", "pattern": `^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$`},
	"year": {"type": "integer"}, "yearmonth": {"type": "string", "pattern": `^-?[0-9]{4}-(0[1-9]|1[0-2])$`},
	"duration": {"type": "string", "format": "duration"},
}

// textFormats are formats of strings, as JSON Schema calls them.
var textFormats = map[string]string{"email": "email", "uri": "uri", "uuid": "uuid"}

// field returns the keywords of a field.
func (t *table) field(at string, field map[string]any, missing []string) map[string]any {
	kind, keywords := textIn(field, "type"), map[string]any{}
	known, ok := typed[kind]
	if !ok {
		t.refuse(join(at, "type"), fmt.Sprintf("the type %q has no counterpart", kind))
	}
	for name, value := range known {
		keywords[name] = value
	}
	if format := textIn(field, "format"); format != "" && format != "default" {
		if textFormats[format] != "" && (kind == "string" || kind == "") {
			keywords["format"] = textFormats[format]
		} else {
			t.refuse(join(at, "format"), fmt.Sprintf("the format %q has no counterpart", format))
		}
	}
	t.constraints(join(at, "constraints"), kind, textIn(field, "name"), keywords, object(field, "constraints"), missing)
	return withMissing(keywords, missing, t.column(textIn(field, "name")).Required)
}

// withMissing lets a field have the texts that stand for no value, unless it is required.
func withMissing(keywords map[string]any, missing []string, required bool) map[string]any {
	none := []any{}
	for _, text := range missing {
		none = append(none, text)
	}
	switch {
	case !required:
		return optional(keywords, none...)
	case len(none) > 0 && (keywords["type"] == "string" || keywords["type"] == nil):
		keywords["not"] = map[string]any{"enum": none}
	}
	return keywords
}

func (t *table) constraints(path, kind, name string, keywords, constraints map[string]any, missing []string) {
	t.only(path, constraints, "required", "unique", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
		"pattern", "enum", "jsonSchema")
	lengths, limits := map[string]string{"minLength": "minLength", "maxLength": "maxLength"}, map[string]string(nil)
	switch kind {
	case "array":
		lengths = map[string]string{"minLength": "minItems", "maxLength": "maxItems"}
	case "object":
		lengths = map[string]string{"minLength": "minProperties", "maxLength": "maxProperties"}
	case "number", "integer", "year":
		limits = map[string]string{
			"minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "exclusiveMinimum", "exclusiveMaximum": "exclusiveMaximum",
		}
	case "date":
		t.limitDates(path, name, "date", constraints, missing...)
	case "datetime":
		t.limitDates(path, name, "timestamp", constraints, missing...)
	default:
		for _, limit := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
			if constraints[limit] != nil {
				t.refuse(join(path, limit), fmt.Sprintf("only numbers, dates and datetimes have limits, and the field is %q", kind))
			}
		}
	}
	t.carry(path, keywords, constraints, lengths)
	t.carry(path, keywords, constraints, limits)
	t.pattern(path, kind, keywords, constraints)
	t.enum(join(path, "enum"), keywords, constraints["enum"])
	if further, there := constraints["jsonSchema"]; there && !t.drops(join(path, "jsonSchema")) {
		if _, ok := further.(map[string]any); !ok {
			t.refuse(join(path, "jsonSchema"), "it is not an object")
		}
		keywords["allOf"] = []any{further}
	}
}

// pattern carries a pattern, which is of the whole text here and not of a part of it.
func (t *table) pattern(path, kind string, keywords, constraints map[string]any) {
	value, there := constraints["pattern"]
	if !there || t.drops(join(path, "pattern")) {
		return
	}
	text, ok := value.(string)
	if !ok || kind != "string" && kind != "" {
		t.refuse(join(path, "pattern"), "only a string has a pattern, which is a text")
		return
	}
	keywords["pattern"] = "^(?:" + text + ")$"
}

// enum carries a list of values, all of them of the type of the column.
func (t *table) enum(path string, keywords map[string]any, value any) {
	if value == nil || t.drops(path) {
		return
	}
	list, ok := value.([]any)
	for _, v := range list {
		_, isNumber := v.(json.Number)
		_, isBool := v.(bool)
		_, isText := v.(string)
		switch keywords["type"] {
		case "number", "integer":
			ok = ok && isNumber
		case "boolean":
			ok = ok && isBool
		case "string":
			ok = ok && isText
		default:
			ok = ok && isScalar(v)
		}
	}
	if !ok || len(list) == 0 {
		t.refuse(path, "write a list of values of the field's type")
		return
	}
	keywords["enum"] = list
}

// keys carries what is unique.
func (t *table) keys(path string, schema map[string]any) {
	if v, there := schema["primaryKey"]; there {
		names, ok := texts(v)
		if !ok {
			t.refuse(join(path, "primaryKey"), "a name or a list of names")
		} else if len(names) > 0 {
			t.unique(join(path, "primaryKey"), names)
		}
	}
	if v, there := schema["uniqueKeys"]; there {
		list, ok := v.([]any)
		for i, key := range list {
			names, isKey := texts(key)
			if ok = ok && isKey; ok {
				t.unique(fmt.Sprintf("%s/%d", join(path, "uniqueKeys"), i), names)
			}
		}
		if !ok {
			t.refuse(join(path, "uniqueKeys"), "a list of lists of names")
		}
	}
	for i, field := range objects(schema, "fields") {
		if isTrue(object(field, "constraints"), "unique") {
			t.unique(fmt.Sprintf("%s/%d/constraints/unique", join(path, "fields"), i), []string{textIn(field, "name")})
		}
	}
}
