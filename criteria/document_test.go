package criteria

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	jsonformat "github.com/medibloc/pdx/criteria/format/json"
)

const example = `{
  "version": 1,
  "title": "Heights",
  "media_type": "application/x-ndjson",
  "schema": {"type": "object", "required": ["id", "height"], "properties": {
    "height": {"type": "number", "minimum": 0.3, "maximum": 3}}},
  "records": {"min": 2, "max": 3},
  "bytes": {"max": 400},
  "record_bytes": {"min": 10, "max": 100},
  "unique": [["/id"]],
  "fields": [
    {"pointer": "/id", "required": true, "purpose": "to tell records apart"},
    {"pointer": "/height", "required": true, "purpose": "the study"},
    {"pointer": "/body/shape", "purpose": "the study's appendix"}
  ]
}`

// exampleWith is the example with one member replaced, or taken out for "".
func exampleWith(t testing.TB, name, value string) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(example), &members))
	if delete(members, name); value != "" {
		members[name] = json.RawMessage(value)
	}
	raw, err := json.Marshal(members)
	require.NoError(t, err)
	return raw
}

func TestParse(t *testing.T) {
	doc, err := Parse([]byte(example))
	require.NoError(t, err)
	require.Equal(t, "Heights", doc.Title)
	require.Equal(t, Bounds{2, 3}, doc.Records)
	require.Equal(t, []string{"/id", "/height", "/body/shape"}, doc.Pointers())
	require.Equal(t, IDOf([]byte(example)), doc.ID())
	require.True(t, doc.SchemaID().IsZero())

	raw, err := doc.Encode()
	require.NoError(t, err)
	again, err := Parse(raw)
	require.NoError(t, err)
	require.Equal(t, IDOf(raw), again.ID())
	require.JSONEq(t, string(doc.Schema), string(again.Schema))
	require.Equal(t, doc.Fields, again.Fields)
	require.Equal(t, doc.Records, again.Records)
}

func TestParseRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxTextBytes+1)
	for name, raw := range map[string][]byte{
		"nothing":             nil,
		"not an object":       []byte(`[]`),
		"trailing bytes":      []byte(example + "x"),
		"a second document":   []byte(example + example),
		"duplicate":           []byte(strings.Replace(example, `"title"`, `"version": 1, "title"`, 1)),
		"too large":           []byte(example + strings.Repeat(" ", MaxDocumentBytes)),
		"unknown":             exampleWith(t, "extra", `1`),
		"other case":          exampleWith(t, "Title", `"x"`),
		"unknown in bounds":   exampleWith(t, "records", `{"least": 1}`),
		"unknown in a field":  exampleWith(t, "fields", `[{"pointer":"/id","purpose":"x","secret":1}]`),
		"null":                exampleWith(t, "records", `null`),
		"null in bounds":      exampleWith(t, "records", `{"min": null}`),
		"bounds not object":   exampleWith(t, "bytes", `[]`),
		"negative":            exampleWith(t, "records", `{"min": -1}`),
		"fraction":            exampleWith(t, "records", `{"min": 1.5}`),
		"max below min":       exampleWith(t, "records", `{"min": 3, "max": 2}`),
		"record too large":    exampleWith(t, "record_bytes", fmt.Sprintf(`{"max": %d}`, MaxRecordBytes+1)),
		"too many keys":       exampleWith(t, "records", fmt.Sprintf(`{"max": %d}`, MaxUniqueKeys+1)),
		"no version":          exampleWith(t, "version", ""),
		"other version":       exampleWith(t, "version", "4"),
		"version 0":           exampleWith(t, "version", "0"),
		"no title":            exampleWith(t, "title", ""),
		"long title":          exampleWith(t, "title", `"`+long+`"`),
		"no media type":       exampleWith(t, "media_type", ""),
		"not a media type":    exampleWith(t, "media_type", `"csv"`),
		"media type in caps":  exampleWith(t, "media_type", `"Text/CSV"`),
		"parameters":          exampleWith(t, "media_type", `"text/csv; charset=utf-8"`),
		"long media type":     exampleWith(t, "media_type", `"text/`+strings.Repeat("x", maxMediaType)+`"`),
		"no schema":           exampleWith(t, "schema", ""),
		"schema not object":   exampleWith(t, "schema", `true`),
		"schema cid":          exampleWith(t, "schema", `{"cid": "bafy"}`),
		"schema cid and more": exampleWith(t, "schema", `{"cid": "`+IDOf(nil).String()+`", "type": "object"}`),
		"no fields":           exampleWith(t, "fields", ""),
		"empty fields":        exampleWith(t, "fields", `[]`),
		"no purpose":          exampleWith(t, "fields", `[{"pointer":"/id","required":true}]`),
		"bad pointer":         exampleWith(t, "fields", `[{"pointer":"id","required":true,"purpose":"x"}]`),
		"bad escape":          exampleWith(t, "fields", `[{"pointer":"/id","required":true,"purpose":"x"},{"pointer":"/~2","purpose":"x"}]`),
		"field twice":         exampleWith(t, "fields", `[{"pointer":"/id","required":true,"purpose":"x"},{"pointer":"/id","purpose":"x"}]`),
		"field in a field":    exampleWith(t, "fields", `[{"pointer":"/id","required":true,"purpose":"x"},{"pointer":"/id/x","purpose":"x"}]`),
		"key not required":    exampleWith(t, "unique", `[["/body/shape"]]`),
		"key undisclosed":     exampleWith(t, "unique", `[["/name"]]`),
		"empty key":           exampleWith(t, "unique", `[[]]`),
	} {
		_, err := Parse(raw)
		require.ErrorIs(t, err, ErrDocument, name)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}

// A document of a format that this version does not know can be shown, not checked.
func TestUnknownFormat(t *testing.T) {
	doc, err := Parse(exampleWith(t, "media_type", `"text/nonesuch"`))
	require.NoError(t, err)
	_, err = NewChecker(doc, nil)
	require.ErrorIs(t, err, ErrDocument)
	require.ErrorContains(t, err, `media type "text/nonesuch" is unknown: choose `+format.List(Formats().MediaTypes()))
	only, err := format.New(jsonformat.Format{})
	require.NoError(t, err)
	_, err = NewChecker(checkerOf(t, 2, NDJSON, "/a").doc, nil, WithFormats(only))
	require.ErrorIs(t, err, ErrDocument)
}

func TestCheckFields(t *testing.T) {
	doc, err := Parse([]byte(example))
	require.NoError(t, err)
	require.NoError(t, doc.CheckFields([]string{"/height", "/id"}))
	require.NoError(t, doc.CheckFields(doc.Pointers()))
	require.NoError(t, doc.CheckFields([]string{"/height", "/id", "/body/shape/waist"}), "less than asked for")
	for name, fields := range map[string][]string{
		"none":          nil,
		"lacks id":      {"/height"},
		"part of id":    {"/height", "/id/x"},
		"not asked":     {"/height", "/id", "/name"},
		"more":          {"/height", "/id", "/body"},
		"everything":    {""},
		"twice":         {"/height", "/id", "/id"},
		"not a pointer": {"height", "/id"},
	} {
		require.ErrorIs(t, doc.CheckFields(fields), ErrFields, name)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add(exampleWith(f, "schema", `{"$ref": "http://example.com/x"}`))
	f.Add(exampleWith(f, "schema", `{"cid": "`+IDOf(nil).String()+`"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := Parse(raw)
		if err != nil {
			require.ErrorIs(t, err, ErrDocument)
			return
		}
		encoded, err := doc.Encode()
		require.NoError(t, err)
		again, err := Parse(encoded)
		require.NoError(t, err)
		require.Equal(t, doc.Fields, again.Fields)
		if _, err := NewChecker(doc, nil); err != nil && !doc.SchemaID().IsZero() {
			require.ErrorIs(t, err, pdx.ErrNotFound)
		} else if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
		}
	})
}
