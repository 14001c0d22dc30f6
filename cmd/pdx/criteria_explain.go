package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	docs "github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/internal/text"
)

func (a *app) criteriaExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain CRITERIA", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.readCriteria(args[0], nil)
			if err != nil {
				return err
			}
			sentences := a.printer(a.out).explain(f.doc)
			if a.json {
				return a.line(map[string]any{"criteria_cid": f.doc.ID().String(), "title": f.doc.Title, "sentences": sentences})
			}
			p := a.printer(a.out)
			p.facts(slices.Concat([]string{
				"title", f.doc.Title, "description", f.doc.Description, "criteria", f.doc.ID().String(), "media_type", f.doc.MediaType,
			}, p.asked(f.doc))...)
			for _, sentence := range sentences {
				printFolded(p.w, sentence, foldIndent)
			}
			return nil
		},
	}
	return cmd
}

// explain says in sentences what a document wants of the data, beside its facts.
func (p printer) explain(doc *docs.Document) []string {
	list := p.explainSchema(doc)
	for _, key := range doc.Unique {
		list = append(list, p.t("criteria.unique", "fields", strings.Join(key, " "+p.t("criteria.and")+" ")))
	}
	for _, rule := range doc.Rules {
		switch {
		case rule.Record != "":
			list = append(list, p.t("criteria.record_rule", "name", rule.Name, "condition", rule.Record))
		default:
			list = append(list, p.t("criteria.dataset_rule", "name", rule.Name, "condition", rule.Dataset))
		}
		if rule.Purpose != "" {
			list = append(list, p.t("criteria.purpose", "name", rule.Name, "purpose", rule.Purpose))
		}
	}
	for _, g := range doc.Aggregates {
		list = append(list, p.t("criteria.aggregate", "name", g.Name, "what", p.measure(g.Measure, g.Pointer, string(g.Equals))))
	}
	if doc.MaxOverlapPPM != nil {
		list = append(list, p.t("criteria.overlap", "percent", percentOf(*doc.MaxOverlapPPM)))
	}
	if len(doc.Aggregates) > 0 {
		list = append(list, p.t("criteria.floor", "n", doc.Floor()))
	}
	return list
}

// measure says what an aggregate measures.
func (p printer) measure(measure, pointer, equals string) string {
	return p.t("criteria.measure."+measure, "pointer", pointer, "value", equals)
}

// explainSchema says what the schema wants of the members of a record, as far as it is
// simple. What is not said is named.
func (p printer) explainSchema(doc *docs.Document) (list []string) {
	if !doc.SchemaID().IsZero() {
		return []string{p.t("criteria.schema_by_cid", "cid", doc.SchemaID())}
	}
	var schema struct {
		Properties map[string]json.RawMessage
		Required   []string
	}
	_ = json.Unmarshal(doc.Schema, &schema) // another form of schema has neither
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		need := p.need(slices.Contains(schema.Required, name))
		list = append(list, p.t("criteria.member", "member", name, "need", need, "says", p.says(schema.Properties[name])))
	}
	for _, name := range schema.Required {
		if schema.Properties[name] == nil {
			list = append(list, p.t("criteria.member", "member", name, "need", p.need(true), "says", p.t("criteria.anything")))
		}
	}
	return append(list, p.further(doc.Schema, "type", "properties", "required", "$schema", "$id", "title", "description")...)
}

// further names the keywords of a schema beside those that are said.
func (p printer) further(raw json.RawMessage, said ...string) []string {
	var keywords map[string]json.RawMessage
	_ = json.Unmarshal(raw, &keywords)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(keywords)), func(name string) bool { return slices.Contains(said, name) })
	if len(names) == 0 {
		return nil
	}
	return []string{p.t("criteria.further", "keywords", strings.Join(names, ", "))}
}

// simple are the keywords that there are words for, in the order in which they are said.
var simple = []string{
	"type", "format", "const", "enum", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
	"minLength", "maxLength", "pattern",
}

// says is what the schema of one member wants.
func (p printer) says(raw json.RawMessage) string {
	var keywords map[string]json.RawMessage
	if json.Unmarshal(raw, &keywords) != nil {
		return p.t("criteria.anything")
	}
	var said []string
	for _, name := range simple {
		if value := keywords[name]; value != nil {
			said = append(said, p.t("criteria.says."+name, "value", p.plain(name, value)))
		}
	}
	if ways := p.ways(keywords["anyOf"]); ways != "" {
		said = append(said, ways)
	}
	said = append(said, p.further(raw, append(simple, "title", "description", "anyOf")...)...)
	if len(said) == 0 {
		return p.t("criteria.anything")
	}
	return strings.Join(said, ", ")
}

// ways are the schemas of a list of which one must match.
func (p printer) ways(raw json.RawMessage) string {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list) // there may be none
	words := make([]string, len(list))
	for i, schema := range list {
		words[i] = p.says(schema)
	}
	return strings.Join(words, "; "+p.t("criteria.or")+" ")
}

// plain is the value of a keyword in words.
func (p printer) plain(keyword string, raw json.RawMessage) string {
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
			word = nameOf(p.texts, "criteria.type.", word)
		case !isText || keyword == "enum" || keyword == "const":
			encoded, _ := json.Marshal(v)
			word = string(text.EscapeJSON(encoded))
		}
		words = append(words, word)
	}
	return strings.Join(words, " "+p.t("criteria.or")+" ")
}
