package criteria

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Any schema and record give the findings that the oracle gives.
func TestSameFindingsAsOracle(t *testing.T) {
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		draft := rapid.SampledFrom([]string{"draft6", "draft7", "draft2019-09", "draft2020-12"}).Draw(rt, "draft")
		g := schemaGenerator{rt}
		members := g.keywords(3)
		members["$schema"] = suiteDrafts[draft]
		members["$defs"] = map[string]any{"a": g.schema(2), "b": g.schema(1)}
		if rapid.Bool().Draw(rt, "anchored") {
			members["$dynamicAnchor"], members["$recursiveAnchor"] = "x", true
		}
		raw, err := json.Marshal(members)
		require.NoError(rt, err)
		opts := options{assertFormats: rapid.Bool().Draw(rt, "formats")}
		s, err := compileSchema(inlineURI, raw, nil, opts)
		if err != nil {
			rt.Skip("not a schema")
		}
		o := newOracle(rt, raw, nil, inlineURI, opts)
		for i := range 8 {
			record := []byte(g.value(fmt.Sprint("record", i), 4))
			sameAsOracle(rt, s, o, record, string(raw))
			if got, err := tryEvaluate(context.Background(), rt, s, record, 1<<20); err == nil && got.Total > 0 {
				found++
			}
		}
	})
	require.NotZero(t, found)
}

// schemaGenerator makes schemas and values that often have to do with each other.
type schemaGenerator struct{ t *rapid.T }

func (g schemaGenerator) pick(of ...any) any { return rapid.SampledFrom(of).Draw(g.t, "pick") }

func (g schemaGenerator) name() string {
	return rapid.SampledFrom([]string{"a", "b", "c", "x y", "t"}).Draw(g.t, "name")
}

func (g schemaGenerator) schema(depth int) any {
	switch rapid.IntRange(0, 9).Draw(g.t, "kind") {
	case 0:
		return true
	case 1:
		return false
	}
	return g.keywords(depth)
}

func (g schemaGenerator) schemas(depth int) []any {
	var list []any
	for range rapid.IntRange(1, 3).Draw(g.t, "schemas") {
		list = append(list, g.schema(depth))
	}
	return list
}

func (g schemaGenerator) byName(depth int) map[string]any {
	by := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(g.t, "members") {
		by[g.name()] = g.schema(depth)
	}
	return by
}

func (g schemaGenerator) names() []any {
	var list []any
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "x y", "t"}), 0, 3, rapid.ID).Draw(g.t, "names") {
		list = append(list, name)
	}
	return append([]any{}, list...)
}

// keywords is a schema of a few keywords.
func (g schemaGenerator) keywords(depth int) map[string]any {
	schema := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(g.t, "keywords") {
		g.scalar(schema)
		if depth > 0 {
			g.applicator(schema, depth-1)
		}
	}
	return schema
}

func (g schemaGenerator) scalar(schema map[string]any) {
	n := rapid.IntRange(0, 4).Draw(g.t, "n")
	switch rapid.IntRange(0, 21).Draw(g.t, "scalar") {
	case 0, 1:
		schema["type"] = g.pick("object", "array", "string", "number", "integer", "null", "boolean",
			[]any{"array", "object"}, []any{"integer", "null"})
	case 2:
		schema["const"] = json.RawMessage(g.value("const", 1))
	case 3:
		schema["enum"] = []any{json.RawMessage(g.value("enum", 1)), json.RawMessage(g.value("enum", 2)), "x"}
	case 4:
		schema["format"] = g.pick("date", "uuid", "regex", "ipv4", "uri", "nonsense")
	case 5:
		schema["required"] = g.names()
	case 6:
		schema[g.pick("minProperties", "maxProperties").(string)] = n
	case 7:
		schema[g.pick("minItems", "maxItems").(string)] = n
	case 8:
		schema["uniqueItems"] = true
	case 9:
		schema[g.pick("minLength", "maxLength").(string)] = n
	case 10:
		schema["pattern"] = g.pick("^a", "x", "[b-d]+$")
	case 11:
		schema[g.pick("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum").(string)] = n
	case 12:
		schema["multipleOf"] = g.pick(2, 0.5)
	case 13:
		schema["dependentRequired"] = map[string]any{g.name(): g.names()}
	case 14:
		schema["dependencies"] = map[string]any{g.name(): g.names()}
	case 15:
		schema[g.pick("minContains", "maxContains").(string)] = n
	case 16:
		schema["$ref"] = g.pick("#/$defs/a", "#/$defs/b", "#")
	case 17:
		schema["$dynamicRef"] = g.pick("#x", "#/$defs/a")
	case 18:
		schema["$recursiveRef"] = "#"
	}
}

func (g schemaGenerator) applicator(schema map[string]any, depth int) {
	switch rapid.IntRange(0, 21).Draw(g.t, "applicator") {
	case 0, 1, 2:
		schema["properties"] = g.byName(depth)
	case 3:
		schema["patternProperties"] = map[string]any{"a|b": g.schema(depth), " ": g.schema(depth)}
	case 4:
		schema["additionalProperties"] = g.schema(depth)
	case 5, 6:
		schema["items"] = g.schema(depth)
	case 7:
		schema["items"] = g.schemas(depth)
		schema["additionalItems"] = g.schema(depth)
	case 8:
		schema["prefixItems"] = g.schemas(depth)
	case 9:
		schema["contains"] = g.schema(depth)
	case 10:
		schema["propertyNames"] = g.schema(depth)
	case 11, 12:
		schema[g.pick("allOf", "anyOf", "oneOf").(string)] = g.schemas(depth)
	case 13:
		schema["not"] = g.schema(depth)
	case 14:
		schema["if"], schema["then"], schema["else"] = g.schema(depth), g.schema(depth), g.schema(depth)
	case 15:
		schema["dependentSchemas"] = g.byName(depth)
	case 16:
		schema["dependencies"] = g.byName(depth)
	case 17:
		schema["unevaluatedProperties"] = g.schema(depth)
	case 18:
		schema["unevaluatedItems"] = g.schema(depth)
	case 19:
		tagged := func(values ...any) map[string]any {
			branch := g.keywords(depth)
			branch["required"] = []any{"t"}
			branch["properties"] = map[string]any{"t": map[string]any{"enum": values}, "a": g.schema(depth)}
			return branch
		}
		schema["oneOf"] = []any{tagged("x"), tagged("a", "")}
	}
}

// value is the text of a value.
func (g schemaGenerator) value(label string, depth int) string {
	kind := rapid.IntRange(0, 8).Draw(g.t, label)
	if depth == 0 {
		kind = max(kind, 5)
	}
	text := ""
	switch kind {
	case 0, 1, 2:
		names := rapid.SampledFrom([]string{`"a"`, `"b"`, `"\u0063"`, `"x y"`, `"t"`, `"d/~"`})
		for _, name := range rapid.SliceOfNDistinct(names, 0, 5, rapid.ID).Draw(g.t, "names") {
			text += "," + name + ":" + g.value(label, depth-1)
		}
		return "{" + trimComma(text) + "}"
	case 3, 4:
		for range rapid.IntRange(0, 4).Draw(g.t, "elements") {
			text += "," + g.value(label, depth-1)
		}
		return "[" + trimComma(text) + "]"
	case 5:
		return rapid.SampledFrom([]string{"0", "1", "1.0", "2", "-3", "0.5", "10e-1", "1e2", "7.25", "3"}).Draw(g.t, "number")
	case 6:
		return rapid.SampledFrom([]string{
			`"x"`, `"a"`, `""`, `"2020-01-01"`, `"(("`, `"\u0061bc"`, `"http://x/"`, `"127.0.0.1"`,
		}).Draw(g.t, "string")
	}
	return rapid.SampledFrom([]string{"null", "true", "false", "null"}).Draw(g.t, "word")
}

func trimComma(text string) string {
	if text == "" {
		return ""
	}
	return text[1:]
}
