// Package explain says in sentences what a criteria document wants of data.
package explain

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/internal/text"
)

// speaker says a document in the words of a catalogue.
type speaker struct{ texts *message.Catalog }

func (s speaker) t(key string, args ...any) string { return s.texts.Text(key, args...) }

func (s speaker) need(required bool) string {
	if required {
		return s.t("need.required")
	}
	return s.t("need.optional")
}

// kind is the name of a JSON type, or the word itself.
func (s speaker) kind(word string) string {
	if s.texts.Has("criteria.type." + word) {
		return s.t("criteria.type." + word)
	}
	return word
}

// Sentences says, in the words of a catalogue, what a document wants of data beside its
// facts: the title, the media type and the fields.
func Sentences(doc *criteria.Document, texts *message.Catalog) []string {
	s := speaker{texts}
	list := s.explainSchema(doc)
	for _, key := range doc.Unique {
		list = append(list, s.t("criteria.unique", "fields", strings.Join(key, " "+s.t("criteria.and")+" ")))
	}
	for _, rule := range doc.Rules {
		switch {
		case rule.Record != "":
			list = append(list, s.t("criteria.record_rule", "name", rule.Name, "condition", rule.Record))
		default:
			list = append(list, s.t("criteria.dataset_rule", "name", rule.Name, "condition", rule.Dataset))
		}
		if rule.Purpose != "" {
			list = append(list, s.t("criteria.purpose", "name", rule.Name, "purpose", rule.Purpose))
		}
	}
	for _, g := range doc.Aggregates {
		list = append(list, s.t("criteria.aggregate", "name", g.Name, "what", s.measure(g.Measure, g.Pointer, string(g.Equals))))
	}
	if doc.MaxOverlapPPM != nil {
		list = append(list, s.t("criteria.overlap", "percent", strconv.FormatFloat(float64(*doc.MaxOverlapPPM)/10_000, 'f', -1, 64)))
	}
	if len(doc.Aggregates) > 0 {
		list = append(list, s.t("criteria.floor", "n", doc.Floor()))
	}
	return list
}

// measure says what an aggregate measures.
func (s speaker) measure(measure, pointer, equals string) string {
	return s.t("criteria.measure."+measure, "pointer", pointer, "value", equals)
}

// explainSchema says what the schema wants of the members of a record, as far as it is
// simple. What is not said is named.
func (s speaker) explainSchema(doc *criteria.Document) (list []string) {
	if !doc.SchemaID().IsZero() {
		return []string{s.t("criteria.schema_by_cid", "cid", doc.SchemaID())}
	}
	var schema struct {
		Properties map[string]json.RawMessage
		Required   []string
	}
	_ = json.Unmarshal(doc.Schema, &schema) // another form of schema has neither
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		need := s.need(slices.Contains(schema.Required, name))
		list = append(list, s.t("criteria.member", "member", name, "need", need, "says", s.says(schema.Properties[name])))
	}
	for _, name := range schema.Required {
		if schema.Properties[name] == nil {
			list = append(list, s.t("criteria.member", "member", name, "need", s.need(true), "says", s.t("criteria.anything")))
		}
	}
	return append(list, s.further(doc.Schema, "type", "properties", "required", "$schema", "$id", "title", "description")...)
}

// further names the keywords of a schema beside those that are said.
func (s speaker) further(raw json.RawMessage, said ...string) []string {
	var keywords map[string]json.RawMessage
	_ = json.Unmarshal(raw, &keywords)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(keywords)), func(name string) bool { return slices.Contains(said, name) })
	if len(names) == 0 {
		return nil
	}
	return []string{s.t("criteria.further", "keywords", strings.Join(names, ", "))}
}

// simple are the keywords that there are words for, in the order in which they are said.
var simple = []string{
	"type", "format", "const", "enum", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
	"minLength", "maxLength", "pattern",
}

// says is what the schema of one member wants.
func (s speaker) says(raw json.RawMessage) string {
	var keywords map[string]json.RawMessage
	if json.Unmarshal(raw, &keywords) != nil {
		return s.t("criteria.anything")
	}
	var said []string
	for _, name := range simple {
		if value := keywords[name]; value != nil {
			said = append(said, s.t("criteria.says."+name, "value", s.plain(name, value)))
		}
	}
	if ways := s.ways(keywords["anyOf"]); ways != "" {
		said = append(said, ways)
	}
	said = append(said, s.further(raw, append(simple, "title", "description", "anyOf")...)...)
	if len(said) == 0 {
		return s.t("criteria.anything")
	}
	return strings.Join(said, ", ")
}

// ways are the schemas of a list of which one must match.
func (s speaker) ways(raw json.RawMessage) string {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list) // there may be none
	words := make([]string, len(list))
	for i, schema := range list {
		words[i] = s.says(schema)
	}
	return strings.Join(words, "; "+s.t("criteria.or")+" ")
}

// plain is the value of a keyword in words.
func (s speaker) plain(keyword string, raw json.RawMessage) string {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		var one any
		_ = json.Unmarshal(raw, &one) // the document is JSON
		list = []any{one}
	}
	var words []string
	for _, v := range list {
		word, isText := v.(string)
		switch {
		case keyword == "type" && isText:
			word = s.kind(word)
		case !isText || keyword == "enum" || keyword == "const":
			encoded, _ := json.Marshal(v)
			word = string(text.EscapeJSON(encoded))
		}
		words = append(words, word)
	}
	return strings.Join(words, " "+s.t("criteria.or")+" ")
}
