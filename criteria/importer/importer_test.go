package importer

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

func imported(t *testing.T, file string, o Options) *criteria.Document {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	o.MediaType = criteria.NDJSON
	d, err := Import(raw, o)
	require.NoError(t, err)
	encoded, err := d.Document()
	require.NoError(t, err)
	doc, err := criteria.Parse(encoded)
	require.NoError(t, err)
	return doc
}

// broken are the rules that records break.
func broken(t *testing.T, doc *criteria.Document, data string) (list []string) {
	t.Helper()
	checker, err := criteria.NewChecker(doc, nil)
	require.NoError(t, err)
	report, err := checker.Check(context.Background(), formattest.Source([]byte(data)), nil)
	require.NoError(t, err)
	for _, f := range report.Findings {
		list = append(list, strings.TrimSpace(f.Path+" "+f.Rule))
	}
	return list
}

// Every rule of the examples finds what breaks it.
func TestCarried(t *testing.T) {
	type change struct{ from, to, breaks string }
	for file, c := range map[string]struct {
		data    string
		changes []change
	}{
		"clinic.odcs.yaml": {"clinic.ndjson", []change{
			{`ACC00000001`, `ACC0000001`, "/reading_id schema/minLength"},
			{`ACC00000001`, `BCC00000001`, "/reading_id schema/pattern"},
			{`ACC00000002`, `ACC00000001`, "unique/0"},
			{`"taken_on":"2020-05-01"`, `"taken_on":"2020-05-32"`, "/taken_on schema/format"},
			{`"taken_on":"2020-05-01"`, `"taken_on":"2020-01-01"`, "rule/exclusiveminimum_2"},
			{`"taken_on":"2020-05-01"`, `"taken_on":"2021-01-02"`, "rule/maximum_1"},
			{`2020-05-02T08:00:00Z`, `2019-05-02T08:00:00Z`, "rule/minimum_3"},
			{`120.5`, `-1`, "/systolic schema/minimum"},
			{`120.5`, `1e39`, "/systolic schema/maximum"},
			{`"age":40`, `"age":17`, "/age schema/minimum"},
			{`"age":40`, `"age":null`, "rule/quality_5"},
			{`"device":"other"`, `"device":"x"`, "/device schema/enum"},
			{`"age":18,"device":"cuff"`, `"age":18,"device":"other"`, "rule/quality_6"},
			{`"AB1234"`, `""`, "rule/quality_7"},
			{`"AB1234"`, `"AB12345"`, "/serial schema/pattern"},
			{`"AB1234"`, `"AB1235"`, "rule/quality_8"},
			{`"open":true`, `"open":1`, "/open schema/type"},
			{`"last":[1,2]`, `"last":[1,1]`, "/last schema/uniqueItems"},
			{`"born":"1980-02-29",`, ``, "/patient/born schema/required"},
			{`"2021-01-01","systolic":131`, `"2020-01-02","systolic":131`, "unique/1"},
		}},
		"trees.datapackage.json": {"trees.ndjson", []change{
			{`"id":2`, `"id":1`, "unique/0"},
			{`"tag":"a2"`, `"tag":"a1"`, "unique/2"},
			{`"tag":"a2"`, `"tag":"-"`, "/tag schema/not"},
			{`Tilia`, `tilia`, "/species schema/pattern"},
			{`12.5`, `0.05`, "/height schema/anyOf"},
			{`1990-04-01`, `1849-12-31`, "rule/minimum_1"},
			{`2024-05-05T10:00:00Z`, `2030-01-01T00:00:00Z`, "rule/exclusivemaximum_2"},
			{`"good"`, `"fair"`, "/state schema/anyOf"},
			{`a@example.org`, `nobody`, "/contact schema/anyOf"},
			{`"notes":["x"]`, `"notes":["x","y","z"]`, "/notes schema/anyOf"},
		}},
	} {
		doc := imported(t, file, Options{Table: map[bool]string{true: "trees"}[strings.HasPrefix(file, "trees")]})
		data, err := os.ReadFile("testdata/" + c.data)
		require.NoError(t, err)
		require.Empty(t, broken(t, doc, string(data)), file)
		for _, change := range c.changes {
			require.Contains(t, string(data), change.from)
			found := broken(t, doc, strings.Replace(string(data), change.from, change.to, 1))
			require.NotEmpty(t, found, change.to)
			require.Contains(t, found, change.breaks, change.to)
		}
	}
}

func odcs(columns string) string {
	return "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - name: t\n    properties:\n" +
		"      - {name: a, logicalType: string" + columns + "}\n"
}

func frictionless(field string) string { return `{"fields":[{"name":"a"` + field + `}]}` }

// What cannot be carried is refused by its path, and left out only if it is named.
func TestRefused(t *testing.T) {
	const column, field = "schema/0/properties/0/", "fields/0/"
	for text, path := range map[string]string{
		odcs(", relationships: [{to: b.c}]"):                                                   column + "relationships",
		odcs(", newRule: 1"):                                                                   column + "newRule",
		odcs(", logicalTypeOptions: {format: password}"):                                       column + "logicalTypeOptions/format",
		odcs(", logicalTypeOptions: {minimum: 1}"):                                             column + "logicalTypeOptions/minimum",
		odcs(", logicalTypeOptions: {minLength: x}"):                                           column + "logicalTypeOptions/minLength",
		odcs(", unique: true"):                                                                 column + "unique",
		odcs(", quality: [{type: text, description: verified}]"):                               column + "quality/0",
		odcs(", quality: [{type: sql, query: SELECT 1, mustBe: 1}]"):                           column + "quality/0",
		odcs(", quality: [{type: custom, engine: soda, implementation: x}]"):                   column + "quality/0",
		odcs(", quality: [{rule: nullCheck}]"):                                                 column + "quality/0",
		odcs(", quality: [{metric: nullValues, mustBe: 0, severity: warning}]"):                column + "quality/0",
		odcs(", quality: [{metric: nullValues}]"):                                              column + "quality/0",
		odcs(", quality: [{metric: nullValues, mustBe: 0, mustNotBe: 1}]"):                     column + "quality/0",
		odcs(", quality: [{metric: nullValues, mustBe: x}]"):                                   column + "quality/0/mustBe",
		odcs(", quality: [{metric: nullValues, mustBe: 0, unit: cells}]"):                      column + "quality/0/unit",
		odcs(", quality: [{metric: nullValues, mustBe: 0, method: reconciliation}]"):           column + "quality/0/method",
		odcs(", quality: [{metric: duplicateValues, mustBeLessThan: 10}]"):                     column + "quality/0",
		odcs(", quality: [{metric: freshness, mustBe: 1}]"):                                    column + "quality/0/metric",
		odcs(", quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [x]}}]"): column + "quality/0/arguments/validValues",
		odcs(", quality: [{metric: invalidValues, mustBe: 1, arguments: {pattern: x}}]"):       column + "quality/0",
		strings.Replace(odcs(""), "logicalType: string", "logicalType: vector", 1):             column + "logicalType",
		odcs("") + "slaProperties: [{property: latency, value: 4}]\n":                          "slaProperties",
		odcs("") + "    quality: [{metric: rowCount, mustBe: 1, unit: percent}]\n":             "schema/0/quality/0/unit",
		odcs("") + "    quality: [{metric: duplicateValues, mustBe: 0}]\n":                     "schema/0/quality/0",
		frictionless(`,"type":"geopoint"`):                                                     field + "type",
		frictionless(`,"type":"date","format":"%d/%m/%y"`):                                     field + "format",
		frictionless(`,"type":"number","decimalChar":","`):                                     field + "decimalChar",
		frictionless(`,"trueValues":["yes"]`):                                                  field + "trueValues",
		frictionless(`,"constraints":{"unique":true}`):                                         field + "constraints/unique",
		frictionless(`,"constraints":{"minimum":"a"}`):                                         field + "constraints/minimum",
		frictionless(`,"constraints":{"maxLength":"3"}`):                                       field + "constraints/maxLength",
		frictionless(`,"constraints":{"enum":[1]}`):                                            field + "constraints/enum",
		frictionless(`,"type":"integer","constraints":{"pattern":"1.*"}`):                      field + "constraints/pattern",
		frictionless(`,"type":"date","constraints":{"minimum":"1.1.2020"}`):                    field + "constraints/minimum",
		frictionless(`,"constraints":{"even":true}`):                                           field + "constraints/even",
		`{"fields":[{"name":"a"}],"foreignKeys":[]}`:                                           "foreignKeys",
		`{"fields":[{"name":"a"}],"fieldsMatch":"subset"}`:                                     "fieldsMatch",
		`{"fields":[{"name":"a"}],"missingValues":[{"value":"-"}]}`:                            "missingValues",
		`{"fields":[{"name":"a"}],"primaryKey":["b"]}`:                                         "primaryKey",
	} {
		_, err := Import([]byte(text), Options{MediaType: criteria.NDJSON})
		require.ErrorIs(t, err, ErrRule, text)
		require.ErrorContains(t, err, ": "+path+": ", text)
		d, err := Import([]byte(text), Options{MediaType: criteria.NDJSON, Drop: []string{path}})
		require.NoError(t, err, text)
		_, err = d.Document()
		require.NoError(t, err, text)
	}
}

func TestNotASchema(t *testing.T) {
	for text, wrong := range map[string]string{
		"":                    "empty",
		"[]":                  "not an object",
		"{}":                  "neither a data contract",
		"a: &x 1\nb: *x":      "anchors and aliases",
		"a: 0x10\nfields: []": "write the number 0x10 as in JSON",
		"apiVersion: v2.2.2":  "version 3 of ODCS",
		"apiVersion: v3.1.0":  "there is no table",
		`{"fields": []}`:      "a list of fields",
		`{"resources": [{"name":"a"},{"name":"b"}]}`: "name one of its tables: a, b",
		strings.Repeat("[", 100):                     "",
		strings.Repeat("a: {", 2000):                 "",
	} {
		_, err := Import([]byte(text), Options{MediaType: criteria.NDJSON})
		require.ErrorIs(t, err, ErrFile, text)
		require.ErrorContains(t, err, wrong, text)
	}
	_, err := Import([]byte(frictionless("")), Options{MediaType: criteria.NDJSON, Drop: []string{"nothing"}})
	require.ErrorContains(t, err, `nothing was refused at "nothing"`)
}

// Whatever a file says, what is imported is a document, or there is an error.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"clinic.odcs.yaml", "trees.datapackage.json"} {
		raw, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Add([]byte(odcs(", unique: true, required: true")))
	f.Add([]byte(frictionless(`,"constraints":{"enum":["a"]}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 || bytes.Count(raw, []byte("name")) > 200 {
			return
		}
		d, err := Import(raw, Options{MediaType: criteria.NDJSON})
		if err != nil {
			return
		}
		encoded, err := d.Document()
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		_, err = criteria.Parse(encoded)
		require.NoError(t, err)
	})
}
