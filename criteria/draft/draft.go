package draft

import (
	"encoding/json"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/internal/strict"
	"github.com/medibloc/pdx/criteria/rules"
)

// Column is a member of every record.
type Column struct {
	Name string
	// Schema are the keywords of JSON Schema for its values.
	Schema map[string]any
	// Required columns are in every record, and every seller discloses them. Disclosed ones
	// are disclosed, too, but a record may lack them.
	Required, Disclosed bool
	Purpose             string
}

// Draft is what a document is made of.
type Draft struct {
	Title, Description, MediaType string
	Columns                       []Column
	// Unique are lists of names of columns.
	Unique     [][]string
	Records    criteria.Bounds
	Rules      []rules.Rule
	Aggregates []rules.Aggregate
}

// The types of columns that people can name, and their keywords.
var kinds = map[string]map[string]any{
	"text":     {"type": "string"},
	"number":   {"type": "number"},
	"integer":  {"type": "integer"},
	"boolean":  {"type": "boolean"},
	"date":     {"type": "string", "format": "date"},
	"datetime": {"type": "string", "format": "date-time"},
	"any":      {},
}

// Kinds returns the names of types.
func Kinds() []string {
	return []string{"text", "number", "integer", "boolean", "date", "datetime", "any"}
}

// KeywordsOf returns the keywords of a type, and whether there is one of the name.
func KeywordsOf(kind string) (map[string]any, bool) {
	keywords, ok := kinds[kind]
	return keywords, ok
}

// Pointer returns the pointer of a column by its name.
func Pointer(name string) string { return strict.Pointer([]strict.Step{{Name: name}}) }

// defaultPurpose stands where nobody said what a column is needed for.
const defaultPurpose = "Say here what the field is needed for."

// Document returns the document, encoded. The error wraps criteria.ErrDocument, for
// example if there are no columns, or criteria.ErrSchema, for example for a pattern that
// is not RE2.
func (d Draft) Document() ([]byte, error) {
	properties, required := map[string]any{}, []string{}
	doc := &criteria.Document{
		Version: 2, Title: d.Title, Description: d.Description, MediaType: d.MediaType, AssertFormats: true, Records: d.Records,
		RecordBytes: criteria.Bounds{Max: criteria.DefaultRecordBytes}, Rules: d.Rules, Aggregates: d.Aggregates,
	}
	if len(d.Rules)+len(d.Aggregates) > 0 {
		doc.Version = criteria.Version
	}
	for _, c := range d.Columns {
		if properties[c.Name] = c.Schema; c.Schema == nil {
			properties[c.Name] = map[string]any{}
		}
		if c.Required {
			required = append(required, c.Name)
		}
		if c.Purpose == "" {
			c.Purpose = defaultPurpose
		}
		doc.Fields = append(doc.Fields, criteria.Field{Pointer: Pointer(c.Name), Required: c.Required || c.Disclosed, Purpose: c.Purpose})
	}
	for _, key := range d.Unique {
		var pointers []string
		for _, name := range key {
			pointers = append(pointers, Pointer(name))
		}
		doc.Unique = append(doc.Unique, pointers)
	}
	schema := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties, "required": required,
	}
	var err error
	if doc.Schema, err = json.Marshal(schema); err != nil {
		return nil, err
	}
	raw, err := doc.Encode()
	if err != nil {
		return nil, err
	}
	if doc, err = criteria.Parse(raw); err != nil {
		return nil, err
	}
	_, err = criteria.NewChecker(doc, nil, criteria.ForNewPool())
	return raw, err
}
