package fhir_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/fhir"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

const head = `{"resourceType":"Bundle","type":"collection"`

var (
	one   = `{"id":1,"secret":"],}{\"\\"}`
	two   = `{"id" : 2,"secret":[{}], "resourceType":"Bundle","entry":[{"resource":{}}]}`
	three = `{"id":3,"secret":null}`
)

var bundle = formattest.Case{
	Format: fhir.JSON{},
	Good: " \n{ \"resourceType\" : \"Bundle\", \"entry\" : [ {\"resource\": " + one + " } , {}, {\"resource\":" + two +
		"},{ }\n,{\"resource\":\t" + three + "}] , \"type\":\"collection\" }\n",
	Records: []string{one, two, three},
	Empty:   head + `,"entry":[]}`,
	Spoiled: map[string]formattest.Spoiled{
		"nothing":               {Data: " ", Rule: format.RuleSyntax},
		"no end":                {Data: head + `,"entry":[{"resource":{"id":1}},{"resource":{"id":"SECRET"`, Rule: format.RuleSyntax},
		"no end of the Bundle":  {Data: head + `,"entry":[]`, Rule: format.RuleSyntax},
		"more behind":           {Data: head + `} SECRET`, Rule: format.RuleSyntax},
		"no object in entry":    {Data: head + `,"entry":["SECRET"]}`, Rule: format.RuleSyntax},
		"entry is no array":     {Data: head + `,"entry":{"resource":{}}}`, Rule: format.RuleSyntax},
		"a comma too many":      {Data: head + `,"entry":[{},]}`, Rule: format.RuleSyntax},
		"a comma too few":       {Data: head + `,"entry":[{}{}]}`, Rule: format.RuleSyntax},
		"no value":              {Data: head + `,"entry":[{"resource":}]}`, Rule: format.RuleSyntax},
		"a name with an escape": {Data: head + `,"\u0065ntry":[]}`, Rule: format.RuleSyntax},
		"two resources":         {Data: head + `,"entry":[{"resource":{},"resource":"SECRET"}]}`, Rule: strict.RuleDuplicate},
		"two lists":             {Data: head + `,"entry":[{"resource":{}}],"entry":[]}`, Rule: strict.RuleDuplicate},
		"two types":             {Data: head + `,"type":"SECRET"}`, Rule: strict.RuleDuplicate},
		"a total":               {Data: head + `,"total":7}`, Rule: fhir.RuleExtra},
		"another type":          {Data: `{"resourceType":"Bundle","type":"searchset"}`, Rule: fhir.RuleExtra},
		"a long name":           {Data: head + `,"` + strings.Repeat("x", 1000) + `":[1,{"a":"]"}]}`, Rule: fhir.RuleExtra},
		"a URL of an entry":     {Data: head + `,"entry":[{"fullUrl":"urn:SECRET","resource":{}}]}`, Rule: fhir.RuleExtra},
	},
	Many: func(n int) format.Source {
		return formattest.Repeat(head+`,"entry":[{}`, `,{"resource":{"id":1}}`, `]}`, n)
	},
	Long: func(n int) format.Source {
		return formattest.Repeat(head+`,"entry":[{"resource":{"id":"`, "x", `"}}]}`, n)
	},
}

var lines = formattest.Case{
	Format:  fhir.NDJSON{},
	Good:    one + "\n" + three + "\n",
	Records: []string{one, three},
	Spoiled: map[string]formattest.Spoiled{"blank line": {Data: "{}\n\n", Rule: ndjson.RuleBlank, Record: 2}},
	Many:    func(n int) format.Source { return formattest.Repeat("", `{"id":1}`+"\n", "", n) },
	Long:    func(n int) format.Source { return formattest.Repeat(`{"id":"`, "x", `"}`, n) },
}

func TestBundle(t *testing.T) { formattest.Run(t, bundle) }

func TestLines(t *testing.T) { formattest.Run(t, lines) }

// What is no Bundle is read as JSON is, also from a stream.
func TestDocument(t *testing.T) {
	data := " [ " + one + ",\n" + three + "]"
	for _, src := range []format.Source{formattest.Source(data), format.Stream(strings.NewReader(data), int64(len(data)))} {
		r := fhir.JSON{}.Read(src, format.Options{MaxRecord: 100})
		for _, want := range []string{one, three} {
			raw, err := r.Next()
			require.NoError(t, err)
			require.Equal(t, want, string(raw))
		}
		_, err := r.Next()
		require.ErrorIs(t, err, io.EOF)
	}
	require.Equal(t, "[{\"id\":1},\n{\"id\":3}]\n", project(t, fhir.JSON{}, data, []string{"Patient"}, "/id"))
}

func FuzzBundle(f *testing.F) { formattest.Fuzz(f, bundle) }

func project(t *testing.T, f format.File, data string, types []string, pointers ...string) string {
	t.Helper()
	list, err := fields.Parse(pointers)
	require.NoError(t, err)
	var out bytes.Buffer
	keep := fields.Selection{Tree: fields.NewTree(list), Positions: true, Resources: types}
	done, err := f.Project(t.Context(), &out, formattest.Source(data), keep)
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), done.Bytes)
	return out.String()
}

// A projection is a Bundle of resources of some types, and nothing else.
func TestProjection(t *testing.T) {
	const searchset = `{"resourceType":"Bundle","id":"SECRET","type":"searchset","total":2,"entry":[
		{"fullUrl":"urn:SECRET","resource":{"resourceType":"Patient","id":"p","name":"Ann"},"search":{"mode":"match"}},
		{"resource":{"resourceType":"Condition","id":"c"}}, {"request":{"method":"DELETE"}}],"link":[{"url":"SECRET"}]}`
	require.Equal(t, head+",\"entry\":[\n{\"resource\":{\"id\":\"p\"}},\n{\"resource\":{\"id\":\"c\"}}\n]}\n",
		project(t, fhir.JSON{}, searchset, nil, "/id"))
	require.Equal(t, head+",\"entry\":[\n{\"resource\":{\"resourceType\":\"Condition\",\"id\":\"c\"}}\n]}\n",
		project(t, fhir.JSON{}, searchset, []string{"Condition", "Immunization"}, ""))
	require.Equal(t, head+"}\n", project(t, fhir.JSON{}, searchset, []string{"Immunization"}, ""))

	const mixed = `{"resourceType":"Patient","id":"p"}` + "\n\n" + `{"id":"c","resourceType":"Condition"}` + "\n" + `{"id":"none"}`
	require.Equal(t, "{\"id\":\"c\"}\n", project(t, fhir.NDJSON{}, mixed, []string{"Condition"}, "/id"))
	require.Equal(t, "{\"id\":\"p\"}\n{\"id\":\"c\"}\n{\"id\":\"none\"}\n", project(t, fhir.NDJSON{}, mixed, nil, "/id"))
	keep := fields.Selection{Resources: []string{"Condition"}}
	_, err := fhir.NDJSON{}.Project(t.Context(), io.Discard, formattest.Source(`{"id":1,"id":2}`), keep)
	require.ErrorIs(t, err, format.ErrData, "what is no strict JSON is not left out unseen")
}

// The extras of a Bundle hide no record, and each is named once.
func TestExtras(t *testing.T) {
	data := head + `,"x":1,"entry":[{"a":[],"resource":{},"b":"\"}"},{"c":{}}]}`
	r := fhir.JSON{}.Read(formattest.Source(data), format.Options{MaxRecord: 100, FailFast: true})
	records, extras := 0, 0
	for {
		_, err := r.Next()
		var defect *format.Defect
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.As(err, &defect) {
			require.Equal(t, fhir.RuleExtra, defect.Rule)
			extras++
			continue
		}
		require.NoError(t, err)
		records++
	}
	require.Equal(t, []int{1, 4}, []int{records, extras})
}

func TestRecognizes(t *testing.T) {
	formats, err := format.New(json.Format{}, ndjson.Format{}, fhir.JSON{}, fhir.NDJSON{})
	require.NoError(t, err)
	require.Equal(t, fhir.JSON{}, formats.ForContent(json.Format{}, []byte("\n{ \"resourceType\": \"Bundle\", ")))
	for _, head := range []string{`{"resourceType":"Patient"}`, `[{"resourceType":"Bundle"}]`, `{"id":1,"resourceType":"Bundle"}`, ``} {
		require.Equal(t, json.Format{}, formats.ForContent(json.Format{}, []byte(head)), head)
	}
	require.Equal(t, ndjson.Format{}, formats.ForContent(ndjson.Format{}, []byte(`{"resourceType":"Bundle"}`)))
	file, err := formats.ForFile("a.fhir.ndjson")
	require.NoError(t, err)
	require.Equal(t, fhir.NDJSON{}, file)
}
