package importer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/medibloc/pdx/criteria/draft"
	"github.com/medibloc/pdx/criteria/internal/stringformat"
	"github.com/medibloc/pdx/criteria/rules"
)

// table is one table that is being imported.
type table struct {
	refusals
	draft draft.Draft
}

// column finds a column by its name.
func (t *table) column(name string) *draft.Column {
	i := slices.IndexFunc(t.draft.Columns, func(c draft.Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.draft.Columns[i]
}

// unique makes columns a key. All of them must be required: a key of criteria has no place
// for what is missing.
func (t *table) unique(path string, names []string) {
	if t.drops(path) || slices.ContainsFunc(t.draft.Unique, func(key []string) bool { return slices.Equal(key, names) }) {
		return
	}
	for _, name := range names {
		switch c := t.column(name); {
		case c == nil:
			t.refuse(path, fmt.Sprintf("there is no column %q", name))
			return
		case !c.Required:
			t.refuse(path, fmt.Sprintf("column %q can be missing, and criteria compare every record by its key: make it required", name))
			return
		}
	}
	t.draft.Unique = append(t.draft.Unique, names)
}

// aggregate adds a measure of a column, once, and returns how conditions call it.
func (t *table) aggregate(measure, column string, equals any) string {
	var raw json.RawMessage
	if equals != nil {
		raw, _ = json.Marshal(equals) // a scalar of the file
	}
	pointer := draft.Pointer(column)
	for _, g := range t.draft.Aggregates {
		if g.Measure == measure && g.Pointer == pointer && string(g.Equals) == string(raw) {
			return "dataset." + g.Name
		}
	}
	name := fmt.Sprintf("%s_%d", measure, len(t.draft.Aggregates)+1)
	t.draft.Aggregates = append(t.draft.Aggregates, rules.Aggregate{Name: name, Measure: measure, Pointer: pointer, Equals: raw})
	t.column(column).Disclosed = true
	return "dataset." + name
}

// rule adds a condition under a name that is its own.
func (t *table) rule(what, purpose string, set func(r *rules.Rule)) {
	r := rules.Rule{Name: fmt.Sprintf("%s_%d", what, len(t.draft.Rules)+1), Purpose: purpose}
	set(&r)
	t.draft.Rules = append(t.draft.Rules, r)
}

// quoted is a text as an expression.
func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

// limitDates makes bounds of a column of dates conditions on its records.
// missing are texts that stand for no value.
func (t *table) limitDates(path, column, function string, options map[string]any, missing ...string) {
	member := "record[" + quoted(column) + "]"
	for _, bound := range []struct{ name, operator string }{
		{"minimum", ">="}, {"maximum", "<="}, {"exclusiveMinimum", ">"}, {"exclusiveMaximum", "<"},
	} {
		limit, there := options[bound.name]
		if !there || t.drops(join(path, bound.name)) {
			continue
		}
		format := map[string]string{"date": "date", "timestamp": "date-time"}[function]
		text, ok := limit.(string)
		if !ok || !stringformat.Valid(format, text) {
			t.refuse(join(path, bound.name), "write it as a "+format+" of RFC 3339")
			continue
		}
		condition := fmt.Sprintf("%s(%s) %s %s(%s)", function, member, bound.operator, function, quoted(text))
		if !t.column(column).Required {
			none := "null"
			for _, text := range missing {
				none += ", " + quoted(text)
			}
			condition = fmt.Sprintf("!(%s in record) || %s in [%s] || %s", quoted(column), member, none, condition)
		}
		t.rule(strings.ToLower(bound.name), "", func(r *rules.Rule) { r.Record = condition })
	}
}

// optional lets a column that need not have a value be null, or one of other values that
// stand for nothing.
func optional(schema map[string]any, missing ...any) map[string]any {
	if kind, simple := schema["type"].(string); simple && len(missing) == 0 && schema["enum"] == nil {
		schema["type"] = []any{kind, "null"}
		return schema
	}
	if len(schema) == 0 {
		return schema
	}
	return map[string]any{"anyOf": []any{schema, map[string]any{"enum": append([]any{nil}, missing...)}}}
}

// isScalar reports whether a value of a file can be one of a list.
func isScalar(v any) bool {
	switch v.(type) {
	case string, bool, json.Number:
		return true
	}
	return false
}

// carry copies keywords that JSON Schema has, too, and whose values have the right type.
func (t *table) carry(path string, schema, options map[string]any, names map[string]string) {
	for _, name := range sortedNames(options) {
		keyword, known := names[name]
		if !known {
			continue
		}
		value := options[name]
		_, isNumber := value.(json.Number)
		_, isText := value.(string)
		_, isBool := value.(bool)
		switch wantsText, wantsBool := keyword == "pattern", keyword == "uniqueItems"; {
		case t.drops(join(path, name)):
		case wantsText && !isText || wantsBool && !isBool || !wantsText && !wantsBool && !isNumber:
			t.refuse(join(path, name), "its value has another type")
		default:
			schema[keyword] = value
		}
	}
}
