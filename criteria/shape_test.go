package criteria

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

func shapeOfText(t testing.TB, schema string) *format.Shape {
	t.Helper()
	s, err := compileSchema(inlineURI, []byte(schema), nil, options{})
	require.NoError(t, err)
	return s.shape
}

func TestShape(t *testing.T) {
	const number, boolean = format.Number, format.Boolean
	for schema, want := range map[string]map[string]format.Column{
		`{}`:   {},
		`true`: {},
		`{"properties":{"a":{"type":"number"},"b":{"type":"string"},"c":{"type":["boolean","null"]},"d":true,"e":{"type":"null"}}}`: {
			"a": number, "c": boolean,
		},
		`{"properties":{"a":{"type":["integer","number","null"]},"b":{"type":["integer","boolean"]}}}`: {"a": number},
		`{"properties":{"c":{"type":["number","string"]}}}`:                                            {},
		`{"$ref":"#/$defs/r","$defs":{"r":{"properties":{"a":{"$ref":"#/$defs/n"}}},"n":{"allOf":[{"minimum":1},{"type":"integer"}]}}}`: {
			"a": number,
		},
		`{"allOf":[{"properties":{"a":{"type":"boolean"}}},{"properties":{"a":{"type":"number"}}}]}`:          {"a": number},
		`{"anyOf":[{"properties":{"a":{"type":"number"}}}],"properties":{"b":{"anyOf":[{"type":"number"}]}}}`: {},
		`{"patternProperties":{"a":{"type":"number"}},"additionalProperties":{"type":"number"}}`:              {},
		// Before 2019-09 a $ref hides what stands beside it.
		`{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/s","type":"number"}},
			"definitions":{"s":{}}}`: {},
	} {
		require.Equal(t, want, shapeOfText(t, schema).Columns, schema)
	}
}

// Only what the schema pins for every record is a list of resources.
func TestResourcesOfASchema(t *testing.T) {
	for schema, want := range map[string][]string{
		`{}`: nil,
		`{"properties":{"resourceType":{"type":"string"}}}`:                                                 nil,
		`{"properties":{"resourceType":{"const":"Patient"}}}`:                                               {"Patient"},
		`{"allOf":[{"properties":{"resourceType":{"$ref":"#/$defs/k"}}}],"$defs":{"k":{"enum":["B","A"]}}}`: {"A", "B"},
		`{"oneOf":[{"properties":{"resourceType":{"const":"A"}}}]}`:                                         nil,
		`{"properties":{"resourceType":{"enum":["A",1]}}}`:                                                  nil,
	} {
		require.Equal(t, want, shapeOfText(t, schema).Resources, schema)
	}
}

// A schema that chains what it has is read up to a bound.
func TestShapeIsBounded(t *testing.T) {
	chain := func(n int) string {
		var defs strings.Builder
		for i := range n {
			fmt.Fprintf(&defs, `"r%d":{"$ref":"#/$defs/r%d"},`, i, i+1)
		}
		return fmt.Sprintf(`{"properties":{"a":{"$ref":"#/$defs/r0"}},"$defs":{%s"r%d":{"type":"number"}}}`, defs.String(), n)
	}
	require.Equal(t, format.Number, shapeOfText(t, chain(maxApplied-2)).Column("a"))
	require.Equal(t, format.Text, shapeOfText(t, chain(maxApplied-1)).Column("a"))
}

// keyList collects the canonical bytes of keys.
type keyList struct {
	keys []string
	key  strings.Builder
}

func (k *keyList) Write(p []byte) (int, error) { return k.key.Write(p) }

func (k *keyList) End(number uint8) error {
	k.keys = append(k.keys, fmt.Sprint(number, k.key.String()))
	k.key.Reset()
	return nil
}

// The same records have the same keys in every format.
func TestKeysDoNotDependOnTheFormat(t *testing.T) {
	const schema = `{"properties":{"id":{"type":"integer"},"rate":{"type":"number"},"smoker":{"type":"boolean"}}}`
	datasets := map[string]string{
		NDJSON: `{"id":1,"name":"Ada, \"A\"","rate":61.50,"smoker":true}` + "\n" + `{"id":2,"name":"Zoë","smoker":false}`,
		JSON:   `[{"rate":61.5,"smoker":true,"id":1.0,"name":"Ada, \u0022A\u0022"},{"id":2e0,"smoker":false,"name":"Zo\u00eb"}]`,
		CSV:    "\ufeffid,name,rate,smoker\r\n1,\"Ada, \"\"A\"\"\",6.150e1,TRUE\r\n2,Zoë,,False\r\n",
		FHIR: `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"id":1,"name":"Ada, \"A\"","rate":61.50,"smoker":true}},
			{"resource":{"smoker":false,"id":2,"name":"Zoë"}}]}`,
		TSV: "smoker\trate\tid\tname\ntrue\t61.500\t1\t\"Ada, \"\"A\"\"\"\nfalse\t\"\"\t2\tZoë",
	}
	for _, unique := range []string{``, `"unique":[["/id"],["/name","/smoker"]],`} {
		var want []string
		for mediaType, data := range datasets {
			doc, err := Parse([]byte(`{"version":2,"title":"t","media_type":"` + mediaType + `","schema":` + schema + `,` + unique +
				`"fields":[{"pointer":"","required":true,"purpose":"p"}]}`))
			require.NoError(t, err)
			c, err := NewChecker(doc, nil)
			require.NoError(t, err)
			list := &keyList{}
			report, err := c.CheckKeys(t.Context(), formattest.Source(data), list, nil)
			require.NoError(t, err)
			require.True(t, report.OK(), "%s: %v", mediaType, report.Findings)
			if want == nil {
				want = list.keys
			}
			require.NotEmpty(t, want)
			require.Equal(t, want, list.keys, mediaType)
		}
	}
}
