package draft

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/rules"
)

// A draft of a sample takes the sample.
func TestFromSample(t *testing.T) {
	data := []byte(`{"id":1,"rate":61.5,"day":"2024-01-01","tags":["a"],"o":{},"ok":true,"n":null}
{"id":2.0,"rate":60,"n":1,"late":0.0}
`)
	columns, err := FromSample(context.Background(), formattest.Source(data), ndjson.Format{})
	require.NoError(t, err)
	require.Equal(t, []Column{
		{Name: "id", Schema: map[string]any{"type": "integer"}, Required: true},
		{Name: "rate", Schema: map[string]any{"type": "number"}, Required: true},
		{Name: "day", Schema: map[string]any{"type": "string"}},
		{Name: "tags", Schema: map[string]any{"type": "array"}},
		{Name: "o", Schema: map[string]any{"type": "object"}},
		{Name: "ok", Schema: map[string]any{"type": "boolean"}},
		{Name: "n", Schema: map[string]any{"type": []string{"integer", "null"}}, Required: true},
		{Name: "late", Schema: map[string]any{"type": "integer"}},
	}, columns)
	raw, err := Draft{Title: "t", MediaType: criteria.NDJSON, Columns: columns, Unique: [][]string{{"id"}}}.Document()
	require.NoError(t, err)
	doc, err := criteria.Parse(raw)
	require.NoError(t, err)
	require.Equal(t, 2, doc.Version, "what needs no version 3 has none")
	require.Equal(t, []string{"/id", "/rate", "/n"}, doc.Required())
	checker, err := criteria.NewChecker(doc, nil)
	require.NoError(t, err)
	report, err := checker.Check(context.Background(), formattest.Source(data), nil)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

func TestSampleIsBounded(t *testing.T) {
	many := formattest.Source([]byte(strings.Repeat("{\"a\":1}\n", sampleRecords) + "not read"))
	columns, err := FromSample(context.Background(), many, ndjson.Format{})
	require.NoError(t, err)
	require.Len(t, columns, 1)
	for _, data := range []string{"", "[1]\n", "{\"a\":\n", `{"` + strings.Repeat(`a":1,"`, 1) + `a":1}`} {
		_, err := FromSample(context.Background(), formattest.Source([]byte(data)), ndjson.Format{})
		require.ErrorIs(t, err, criteria.ErrData, data)
	}
}

func TestDocumentRefuses(t *testing.T) {
	good := Draft{Title: "t", MediaType: criteria.NDJSON, Columns: []Column{{Name: "a/b", Required: true}}}
	raw, err := good.Document()
	require.NoError(t, err)
	require.Contains(t, string(raw), `"/a~1b"`)
	for name, change := range map[string]func(d *Draft){
		"no columns":    func(d *Draft) { d.Columns = nil },
		"optional key":  func(d *Draft) { d.Columns, d.Unique = []Column{{Name: "a"}}, [][]string{{"a"}} },
		"look-ahead":    func(d *Draft) { d.Columns = []Column{{Name: "a", Schema: map[string]any{"pattern": "(?=x)"}}} },
		"broken rule":   func(d *Draft) { d.Rules = []rules.Rule{{Name: "r", Record: "record.x"}} },
		"no media type": func(d *Draft) { d.MediaType = "" },
	} {
		d := good
		change(&d)
		_, err := d.Document()
		require.Error(t, err, name)
	}
	require.Equal(t, len(kinds), len(Kinds()))
	for _, kind := range Kinds() {
		_, ok := KeywordsOf(kind)
		require.True(t, ok, kind)
	}
}
