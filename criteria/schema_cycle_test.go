package criteria

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// References that lead back to where they began are the author's fault, found
// before any record; recursion that goes into the value is not a cycle.
func TestCyclesAreRefusedWhenCompiled(t *testing.T) {
	compile := func(version int, schema string, opts ...Option) error {
		doc, err := Parse(fmt.Appendf(nil, `{"version":%d,"title":"t","media_type":"application/x-ndjson","schema":%s,
			"fields":[{"pointer":"/a","purpose":"p"}]}`, version, schema))
		require.NoError(t, err, schema)
		_, err = NewChecker(doc, nil, opts...)
		return err
	}
	for _, schema := range []string{
		`{"$ref":"#"}`,
		`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}}}`,
		`{"anyOf":[{"type":"object"},{"$ref":"#"}]}`,
		`{"not":{"$ref":"#"}}`,
		`{"if":{"required":["a"]},"then":{"$ref":"#"}}`,
		`{"dependentSchemas":{"a":{"$ref":"#"}}}`,
		`{"$recursiveRef":"#","$schema":"https://json-schema.org/draft/2019-09/schema"}`,
		`{"$schema":"http://json-schema.org/draft-07/schema#","allOf":[{"$ref":"#"}]}`,
	} {
		require.ErrorIs(t, compile(2, schema), ErrSchema, schema)
		require.ErrorContains(t, compile(2, schema), "lead back", schema)
		require.NoError(t, compile(1, schema), "version 1 keeps its rules")
		require.ErrorIs(t, compile(1, schema, ForNewPool()), ErrSchema, schema)
	}
	for _, schema := range []string{
		`{"properties":{"a":{"$ref":"#"}}}`,
		`{"items":{"$ref":"#"}}`,
		`{"additionalProperties":{"allOf":[{"$ref":"#"}]}}`,
		`{"then":{"$ref":"#"}}`,
		`{"$defs":{"a":{"$ref":"#/$defs/a"}}}`,
		`{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}],"$defs":{"a":{}}}`,
		`{"$ref":"http://json-schema.org/draft-07/schema#"}`,
		`{"$ref":"https://json-schema.org/draft/2019-09/schema"}`,
		`{"$ref":"https://json-schema.org/draft/2020-12/schema"}`,
	} {
		require.NoError(t, compile(2, schema), schema)
	}
}
