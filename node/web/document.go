package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/draft"
	"github.com/medibloc/pdx/criteria/explain"
	"github.com/medibloc/pdx/criteria/format"
)

// fieldJSON is a field that criteria ask for.
type fieldJSON struct {
	Pointer  string `json:"pointer"`
	Required bool   `json:"required"`
	Purpose  string `json:"purpose"`
}

// explain says in plain words what a criteria document asks for.
func (d *desk) explain(c *call) (any, error) {
	raw, err := io.ReadAll(c.body)
	if err != nil {
		return nil, err
	}
	doc, err := criteria.Parse(raw)
	if err != nil {
		return nil, err
	}
	fields := []fieldJSON{}
	for _, f := range doc.Fields {
		fields = append(fields, fieldJSON{f.Pointer, f.Required, f.Purpose})
	}
	return map[string]any{
		"cid": doc.ID().String(), "title": doc.Title, "description": doc.Description, "media_type": doc.MediaType, "fields": fields,
		"sentences": append([]string{}, explain.Sentences(doc, c.texts)...),
	}, nil
}

// column is a column of a draft, as the form has it.
type column struct {
	Name     string         `json:"name"`
	Kind     string         `json:"kind"`   // of draft.Kinds; empty: as in schema
	Schema   map[string]any `json:"schema"` // of a sample
	Required bool           `json:"required"`
	Purpose  string         `json:"purpose"`
}

// sample says which columns a file of the buyer's own has.
func (d *desk) sample(c *call) (any, error) {
	name := c.query.Get("name")
	f, err := criteria.Formats().ForFile(name)
	if err != nil {
		return nil, err
	}
	if !textual(f) {
		return nil, fmt.Errorf("%s: %w: the page drafts criteria from text only; use `pdx criteria new --sample`", name, pdx.ErrInvalid)
	}
	raw, err := io.ReadAll(c.body)
	if err != nil {
		return nil, err
	}
	found, err := draft.FromSample(c.ctx, format.Source{ReaderAt: bytes.NewReader(raw), Size: int64(len(raw))}, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, pdx.ErrInvalid, err)
	}
	columns := []column{}
	for _, col := range found {
		columns = append(columns, column{Name: col.Name, Schema: col.Schema, Required: col.Required, Purpose: col.Purpose})
	}
	return map[string]any{"media_type": f.MediaType(), "columns": columns}, nil
}

// draft makes a document of what a form says.
func (d *desk) draft(c *call) (any, error) {
	var r struct {
		Title       string     `json:"title"`
		Description string     `json:"description"`
		MediaType   string     `json:"media_type"`
		Columns     []column   `json:"columns"`
		Unique      [][]string `json:"unique"`
	}
	if err := c.decode(&r); err != nil {
		return nil, err
	}
	made := draft.Draft{Title: r.Title, Description: r.Description, MediaType: r.MediaType, Unique: r.Unique}
	for _, col := range r.Columns {
		keywords := col.Schema
		if known, ok := draft.KeywordsOf(col.Kind); ok {
			keywords = known
		} else if col.Kind != "" {
			return nil, fmt.Errorf("field %q: %w: there is no type %q", col.Name, pdx.ErrInvalid, col.Kind)
		}
		made.Columns = append(made.Columns, draft.Column{Name: col.Name, Schema: keywords, Required: col.Required, Purpose: col.Purpose})
	}
	raw, err := made.Document()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	return json.RawMessage(raw), nil
}
