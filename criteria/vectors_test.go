package criteria

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

// vector is a case of docs/spec/formats.md: data, and the records that every reader finds
// in it.
type vector struct {
	Name      string
	MediaType string `json:"media_type"`
	Schema    json.RawMessage
	Text      string
	Files     map[string]string // of a folder, in place of Text
	Rows      []string          // a record; or "!" and the rule of a defect, "!!" if it is the dataset's
	Fields    []string
	Projected string
}

func vectors(t testing.TB) (list []vector) {
	t.Helper()
	raw, err := os.ReadFile("testdata/formats.json")
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&list))
	return list
}

// data are the bytes of the dataset.
func (v vector) data(t testing.TB) string {
	t.Helper()
	if v.Files == nil {
		return v.Text
	}
	var files []string
	for path, text := range v.Files {
		files = append(files, path, text)
	}
	return formattest.FolderOf(t, files...)
}

// checker is one for the vector's schema and fields.
func (v vector) checker(t testing.TB) *Checker {
	t.Helper()
	doc := Document{Version: Version, Title: v.Name, MediaType: v.MediaType, Schema: v.Schema}
	for _, field := range append(v.Fields, "/nothing") {
		doc.Fields = append(doc.Fields, Field{Pointer: field, Required: true, Purpose: "a test"})
	}
	raw, err := doc.Encode()
	require.NoError(t, err)
	parsed, err := Parse(raw)
	require.NoError(t, err)
	c, err := NewChecker(parsed, nil)
	require.NoError(t, err)
	return c
}

// Criteria for files that leave out what nobody could check without are not valid.
func TestFormatsDemandFields(t *testing.T) {
	doc, err := Parse([]byte(`{"version":2,"title":"t","media_type":"application/vnd.pdx.files","schema":{},"fields":[
		{"pointer":"/path","required":true,"purpose":"p"},{"pointer":"/size","purpose":"p"},
		{"pointer":"/blake3","required":true,"purpose":"p"}]}`))
	require.NoError(t, err)
	_, err = NewChecker(doc, nil)
	require.ErrorIs(t, err, ErrDocument)
	require.ErrorContains(t, err, `needs "/size" among the required`)
}

func TestVectorsOfFormats(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			c := v.checker(t)
			f, err := Formats().Get(v.MediaType)
			require.NoError(t, err)
			require.Equal(t, v.Rows, rowsOf(t, c, formattest.Source(v.data(t))))
			if v.Projected == "" {
				return
			}
			var out bytes.Buffer
			keep := Disclosure{Version: Version, Fields: v.Fields, Resources: c.Resources()}
			_, err = Project(t.Context(), &out, formattest.Source(v.Text), f.(format.File), keep)
			require.NoError(t, err)
			require.Equal(t, v.Projected, out.String())
		})
	}
}

// rowsOf are the records that a checker reads, and the rules of what is none.
func rowsOf(t testing.TB, c *Checker, src format.Source) (rows []string) {
	t.Helper()
	r := c.format.Read(src, format.Options{MaxRecord: c.doc.MaxRecord(), Shape: c.schema.shape})
	for {
		raw, err := r.Next()
		var defect *format.Defect
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case errors.As(err, &defect) && defect.Record:
			rows = append(rows, "!"+defect.Rule)
		case errors.As(err, &defect):
			rows = append(rows, "!!"+defect.Rule)
		default:
			require.NoError(t, err)
			rows = append(rows, string(raw))
		}
	}
}
