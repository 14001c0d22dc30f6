package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
)

// exact are expressions that cel-go decides otherwise, because its numbers are binary or
// its patterns and dates differ.
var exact = map[string]string{
	"record.age > 29.999999999999999999999":     "rounded to 30",
	"record.big > 9007199254740992.0":           "rounded",
	"record.tenth + 0.2 == 0.3":                 "binary fractions",
	"record.tenth + 0.2 == 0.30000000000000004": "binary fractions",
	"record.tenth * 3 == 0.3":                   "another type of number",
	"record.age / 4 == 7.5":                     "whole division",
	"record.age / 7 * 7 == 30":                  "whole division",
	"1e300 * 1e300 > 1e308":                     "infinite",
	"timestamp('2016-12-31T23:59:60Z') == timestamp('2017-01-01T00:00:00Z')": "leap second",
}

// cel-go's evaluator gives the same result wherever it gives one, the exceptions apart.
func agrees(t *testing.T, env *cel.Env, record map[string]any, expression, outcome string) bool {
	t.Helper()
	parsed, issues := env.Parse(expression)
	require.NoError(t, issues.Err(), expression)
	program, err := env.Program(parsed)
	if err != nil {
		return false
	}
	got, _, err := program.Eval(map[string]any{"record": record})
	if err != nil {
		return false
	}
	is, ok := got.Value().(bool)
	if !ok || exact[expression] != "" {
		return false
	}
	require.Equal(t, map[bool]string{true: "holds", false: "broken"}[is], outcome, expression)
	return true
}

func TestAgainstLibrary(t *testing.T) {
	v, _ := readVectors(t, "records.json")
	env, err := cel.NewEnv(cel.Variable("record", cel.DynType))
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader([]byte(v.Record)))
	decoder.UseNumber()
	var record any
	require.NoError(t, decoder.Decode(&record))
	record = native(record)
	compared := 0
	for _, c := range v.Outcomes {
		if c.Outcome != "error" && agrees(t, env, record.(map[string]any), c.Expression, c.Outcome) {
			compared++
		}
	}
	require.Greater(t, compared, 85)
}

// native has the numbers of a value as cel-go wants them: whole ones as int64.
func native(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = native(member)
		}
	case []any:
		for i, element := range v {
			v[i] = native(element)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// inexact finds numbers and calculations in which the two differ.
var inexact = regexp.MustCompile(`[/*+-]|[0-9][.eE]|[.][0-9]`)

// Whatever a fuzzer writes: where both have a result it is the same, if the numbers are
// small and whole.
func FuzzAgainstLibrary(f *testing.F) {
	for _, s := range []string{
		"a", "record.l.all(x, x > 1) || !(1 in record.l)", "has(record.s) && record.s.startsWith('a') ? size(record.l) == 2 : record.b",
	} {
		f.Add(s)
	}
	const text = `{"l":[1,2],"s":"ab","b":true,"n":null,"o":{"x":1}}`
	record := map[string]any{"l": []any{int64(1), int64(2)}, "s": "ab", "b": true, "n": nil, "o": map[string]any{"x": int64(1)}}
	env, err := cel.NewEnv(cel.Variable("record", cel.DynType))
	require.NoError(f, err)
	root := parse(f, text)
	f.Fuzz(func(t *testing.T, expression string) {
		if inexact.MatchString(expression) {
			return
		}
		set, err := Compile(Definition{Rules: []Rule{{Name: "r", Record: expression}}, Fields: []fields.Pointer{nil}})
		if err != nil {
			return
		}
		var found []string
		if set.Begin().Record(context.Background(), root, len(text), func(rule string) { found = append(found, rule) }) != nil {
			return
		}
		if outcome := outcomeOf(found); outcome != "error" {
			agrees(t, env, record, expression, outcome)
		}
	})
}
