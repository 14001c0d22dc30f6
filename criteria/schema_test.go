package criteria

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

func TestSchemasComeByCIDOnly(t *testing.T) {
	leaf := []byte(`{"$defs": {"age": {"type": "integer"}}}`)
	other := IDOf([]byte("{}")).String()
	compile := func(text string, schemas Schemas) error {
		_, err := compileSchema(inlineURI, []byte(text), schemas, options{})
		return err
	}
	byCID := fmt.Sprintf(`{"properties": {"age": {"$ref": "cid:%s#/$defs/age"}}}`, IDOf(leaf))
	require.NoError(t, compile(byCID, Bundle(leaf)))
	require.NoError(t, compile(`{"$ref": "http://json-schema.org/draft-07/schema#"}`, nil), "meta-schemas are bundled")
	require.NoError(t, compile(`{"$id": "https://example.com/a", "$ref": "#/$defs/b", "$defs": {"b": {}}}`, nil))

	for _, ref := range []string{
		"http://example.com/schema.json", "https://example.com/x#/y", "file:///etc/passwd", "other.json", "../x",
		"/etc/passwd", "ftp://x/y", "urn:x:y", "cid:bafy", "cid:" + strings.ToUpper(other), "//example.com/x", `C:\\x`,
	} {
		for _, text := range []string{
			`{"$ref": "` + ref + `"}`,
			`{"properties": {"a": {"$ref": "` + ref + `"}}}`,
			`{"$schema": "` + ref + `"}`,
		} {
			err := compile(text, Bundle(leaf))
			require.ErrorIs(t, err, ErrSchema, text)
			require.NotErrorIs(t, err, pdx.ErrNotFound)
		}
		require.ErrorIs(t, compile(`{"$id": "https://example.com/a", "$ref": "b"}`, nil), ErrRemote)
	}
	require.ErrorIs(t, compile(byCID, nil), pdx.ErrNotFound)
	require.ErrorIs(t, compile(byCID, func(pdx.ContentID) ([]byte, error) { return nil, pdx.ErrUnavailable }), pdx.ErrUnavailable)
	require.ErrorIs(t, compile(byCID, func(pdx.ContentID) ([]byte, error) { return []byte("{}"), nil }), pdx.ErrCorrupt)
}

func TestSchemaLimits(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":         `{`,
		"duplicate":        `{"type":"object","type":"string"}`,
		"not a schema":     `{"type": "person"}`,
		"draft-04":         `{"$schema": "http://json-schema.org/draft-04/schema#"}`,
		"huge number":      `{"maximum": 1e100000000}`,
		"look-ahead":       `{"pattern": "(?=x)"}`,
		"no such ref":      `{"$ref": "#/$defs/none"}`,
		"huge pattern":     `{"anyOf": [` + strings.Repeat(`{"pattern": "(a{1000}){1}b{1000}c{1000}"},`, 200) + `{}]}`,
		"too many values":  `{"enum": [` + strings.Repeat(`1,`, MaxSchemaValues) + `2]}`,
		"too many schemas": `{"anyOf": [` + strings.Repeat("{},", MaxSubschemas) + `true]}`,
		"too large":        `{"description": "` + strings.Repeat("x", MaxSchemaBytes) + `"}`,
	} {
		_, err := compileSchema(inlineURI, []byte(text), nil, options{})
		require.ErrorIs(t, err, ErrSchema, name)
	}
}

// A small schema may take time exponential in a small record; it is stopped.
func TestCostIsBounded(t *testing.T) {
	doubling := func(keyword string) string {
		var b strings.Builder
		b.WriteString(`{"$ref": "#/$defs/n0", "$defs": {`)
		for i := range 40 {
			fmt.Fprintf(&b, `"n%d": {%q: [{"$ref": "#/$defs/n%d"}, {"$ref": "#/$defs/n%d"}]},`, i, keyword, i+1, i+1)
		}
		return b.String() + `"n40": {"required": ["never"]}}}`
	}
	members := func(name string) string {
		var b strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&b, `,"%s%d":0`, name, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	nested := strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60)
	enum := `{"properties": {"a": {"items": {"anyOf": [` + strings.Repeat(`{"enum": [`+strings.Repeat("[0],", 1000)+`0]},`, 100) + `false]}}}}`
	for name, c := range map[string]struct{ schema, record string }{
		"same value, all": {doubling("allOf"), `{}`},
		"same value, any": {doubling("anyOf"), `{}`},
		"same value, one": {doubling("oneOf"), `{}`},
		"many members":    {doubling("allOf"), members("x")},
		"escaped members": {doubling("allOf"), members(`\n`)},
		"deeper": {
			`{"anyOf": [{"properties": {"a": {"$ref": "#"}}, "allOf": [{"required": ["b"]}]}, ` +
				`{"properties": {"a": {"$ref": "#"}}, "allOf": [{"required": ["c"]}]}]}`, nested,
		},
		"dynamic": {
			`{"$dynamicAnchor": "x", "anyOf": [{"properties": {"a": {"$dynamicRef": "#x"}}, "allOf": [{"required": ["b"]}]}, ` +
				`{"properties": {"a": {"$dynamicRef": "#x"}}, "allOf": [{"required": ["c"]}]}]}`, nested,
		},
		"values":           {enum, `{"a": [` + strings.Repeat("[1],", 1000) + `1]}`},
		"pattern":          {`{"additionalProperties": {"pattern": "(x+x+){500}y"}}`, `{"a": "` + strings.Repeat("x", 20000) + `"}`},
		"patterns of name": {`{"patternProperties": {"(x+x+){500}y": {}}}`, `{"` + strings.Repeat("x", 20000) + `": 1}`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := compileSchema(inlineURI, []byte(c.schema), nil, options{})
			require.NoError(t, err)
			_, err = tryEvaluate(context.Background(), t, s, []byte(c.record), len(c.record))
			require.ErrorIs(t, err, ErrCost)
		})
	}
}

func TestMeterHearsContext(t *testing.T) {
	s, err := compileSchema(inlineURI, []byte(`{"items": {"type": "integer", "minimum": 0}}`), nil, options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = tryEvaluate(ctx, t, s, []byte("["+strings.Repeat("true,", 100_000)+"true]"), 1<<20)
	require.ErrorIs(t, err, context.Canceled)
}

func TestFormatsAreAssertedOnRequest(t *testing.T) {
	for _, assert := range []bool{false, true} {
		s, err := compileSchema(inlineURI, []byte(`{"properties": {"d": {"format": "date"}}}`), nil, options{assertFormats: assert})
		require.NoError(t, err)
		require.Equal(t, assert, evaluate(t, s, []byte(`{"d": "2001-02-30"}`), 20).Total == 1)
	}
}

// The branches of these cannot be told apart by a member's value alone.
func TestDispatchLeavesTheRest(t *testing.T) {
	branch := func(s string) string { return `{"required": ["t"], "properties": {"t": ` + s + `}}` }
	for name, oneOf := range map[string]string{
		"same value":   branch(`{"const": "a"}`) + "," + branch(`{"const": "a"}`),
		"overlap":      branch(`{"enum": ["a", "b"]}`) + "," + branch(`{"enum": ["b", "c"]}`),
		"not required": branch(`{"const": "a"}`) + `,{"properties": {"t": {"const": "b"}}}`,
		"not a string": branch(`{"const": 1}`) + "," + branch(`{"const": 2}`),
		"open":         branch(`{"const": "a"}`) + "," + branch(`{"type": "string"}`),
	} {
		s, err := compileSchema(inlineURI, []byte(`{"oneOf": [`+oneOf+`]}`), nil, options{})
		require.NoError(t, err)
		require.Nil(t, s.root.dispatch, name)
	}
	s, err := compileSchema(inlineURI, []byte(`{"oneOf": [`+branch(`{"enum": ["a", "b"]}`)+","+branch(`{"const": "c"}`)+`]}`), nil, options{})
	require.NoError(t, err)
	require.NotNil(t, s.root.dispatch)
}
