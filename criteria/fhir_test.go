package criteria

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

func fhirDocument(t testing.TB, fields ...string) (*Document, Schemas) {
	t.Helper()
	raw := realData(t, "schema/fhir-r4.schema.json")
	doc := &Document{
		Version: Version, Title: "FHIR R4", MediaType: NDJSON,
		Schema: fmt.Appendf(nil, `{"cid":%q}`, IDOf(raw).String()),
		Unique: [][]string{{"/id"}},
	}
	if len(fields) == 0 {
		fields = []string{""}
	}
	for _, field := range fields {
		doc.Fields = append(doc.Fields, Field{Pointer: field, Required: true, Purpose: "test"})
	}
	encoded, err := doc.Encode()
	require.NoError(t, err)
	doc, err = Parse(encoded)
	require.NoError(t, err)
	return doc, Bundle(raw)
}

// One checker for all: with the race detector it takes half a minute to make.
func TestFHIR(t *testing.T) {
	doc, schemas := fhirDocument(t)
	checker, err := NewChecker(doc, schemas)
	require.NoError(t, err)
	t.Run("records pass", func(t *testing.T) { fhirRecordsPass(t, checker) })
	t.Run("mutations are named", func(t *testing.T) { fhirMutationsAreNamed(t, checker) })
}

func fhirRecordsPass(t *testing.T, checker *Checker) {
	for _, name := range []string{
		"AllergyIntolerance", "Condition", "Encounter", "Immunization",
		"MedicationRequest", "Organization", "Patient", "Procedure",
	} {
		raw := realData(t, "synthea/"+name+".ndjson")
		if name != "Patient" && name != "Condition" && len(raw) > 256<<10 { // enough of a kind
			raw = raw[:bytes.LastIndexByte(raw[:256<<10], '\n')+1]
		}
		report, err := checker.Check(context.Background(), formattest.Source(raw), nil)
		require.NoError(t, err)
		require.True(t, report.OK(), "%s: %v", name, report.Findings)
		for line := range bytes.Lines(raw) {
			require.True(t, checker.idle[0].matcher.Accepts(line), "left to the evaluator: %s", line)
		}
		require.EqualValues(t, len(raw), report.Bytes)
		require.EqualValues(t, bytes.Count(raw, []byte("\n")), report.Records)
	}
}

func fhirMutationsAreNamed(t *testing.T, checker *Checker) {
	lines := slices.Collect(bytes.Lines(realData(t, "synthea/Patient.ndjson")))
	third := func(path, rule string) pdx.Finding { return pdx.Finding{Record: 3, Path: path, Rule: rule} }
	for name, c := range map[string]struct {
		mutate func(map[string]any)
		want   pdx.Finding
	}{
		"wrong type":       {func(p map[string]any) { p["gender"] = 5 }, third("/gender", "schema/enum")},
		"bad date":         {func(p map[string]any) { p["birthDate"] = "yesterday" }, third("/birthDate", "schema/pattern")},
		"unknown member":   {func(p map[string]any) { p["shoeSize"] = 43 }, third("/shoeSize", "schema/additionalProperties")},
		"no resource type": {func(p map[string]any) { delete(p, "resourceType") }, third("/resourceType", "schema/required")},
		"no such resource": {func(p map[string]any) { p["resourceType"] = "Secret" }, third("/resourceType", "schema/oneOf")},
		"deep": {
			func(p map[string]any) { p["name"].([]any)[0].(map[string]any)["use"] = "SecretName" },
			third("/name/0/use", "schema/enum"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			mutated := slices.Clone(lines)
			mutated[2] = edit(t, lines[2], c.mutate)
			report, err := checker.Check(context.Background(), formattest.Source(bytes.Join(mutated, nil)), nil)
			require.NoError(t, err)
			require.Equal(t, []pdx.Finding{c.want}, report.Findings)
			require.EqualValues(t, 1, report.Total)
			require.Equal(t, pdx.RejectCriteria, report.Reason)
			require.NotContains(t, fmt.Sprintf("%+v", report), "Secret")
		})
	}
}

func edit(t testing.TB, line []byte, mutate func(map[string]any)) []byte {
	t.Helper()
	var record map[string]any
	require.NoError(t, json.Unmarshal(line, &record))
	mutate(record)
	raw, err := json.Marshal(record)
	require.NoError(t, err)
	return append(raw, '\n')
}

func compileFHIR(t testing.TB) compiled {
	t.Helper()
	raw := realData(t, "schema/fhir-r4.schema.json")
	c, err := compileWithLibrary(cidScheme+IDOf(raw).String(), nil, Bundle(raw), options{})
	require.NoError(t, err)
	return c
}

// Dispatching changes no verdict: records of every kind, cut up and put
// together at random, are valid by one exactly when they are by the other.
func TestDispatchKeepsVerdicts(t *testing.T) {
	c := compileFHIR(t)
	dispatched, written := prepare(c, options{}), prepare(c, options{undispatched: true})
	require.NotNil(t, dispatched.root.dispatch, "not dispatched")
	require.Nil(t, written.root.dispatch)
	require.Len(t, written.root.oneOf, 146)
	dispatched.source = c.root
	matcher, accepted := dispatched.accepter(options{}), 0
	reference := oracleOf(c, options{})
	var records []any
	for _, name := range []string{"Patient", "Condition", "Immunization", "Organization", "AllergyIntolerance"} {
		for line := range bytes.Lines(realData(t, "synthea/"+name+".ndjson")) {
			v, err := strict.Decode(line)
			require.NoError(t, err)
			records = append(records, v)
		}
	}
	valid := 0
	rapid.Check(t, func(t *rapid.T) {
		raw, err := json.Marshal(records[rapid.IntRange(0, len(records)-1).Draw(t, "record")])
		require.NoError(t, err)
		record, err := strict.Decode(raw)
		require.NoError(t, err)
		for range rapid.IntRange(0, 2).Draw(t, "mutations") {
			record = mutate(t, record, records)
		}
		mutated, err := json.Marshal(record)
		require.NoError(t, err)
		want := evaluate(t, written, mutated, 1<<40)
		got := evaluate(t, dispatched, mutated, len(raw))
		require.Equal(t, want.Total == 0, got.Total == 0, "as written: %v, dispatched: %v", want.First, got.First)
		if rapid.IntRange(0, 3).Draw(t, "compare") == 0 { // the reference takes longer than all else
			sameAsOracle(t, dispatched, reference, mutated, "FHIR")
		}
		if got.Total == 0 {
			valid++
		}
		if acceptsAsJudge(t, dispatched, matcher, mutated, "FHIR") {
			accepted++
		}
	})
	require.NotZero(t, valid)
	require.Equal(t, valid, accepted, "the program accepts every valid record of FHIR R4")
}

// mutate changes one place of a record, or the whole of it.
func mutate(t *rapid.T, record any, others []any) any {
	object, ok := record.(map[string]any)
	if !ok || len(object) == 0 || rapid.IntRange(0, 30).Draw(t, "whole") == 0 {
		return graft(t, others)
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(object))).Draw(t, "name")
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		delete(object, name)
	case 1:
		object[name] = graft(t, others)
	case 2:
		object["resourceType"] = rapid.SampledFrom([]any{"Patient", "Condition", "Bundle", "", "patient", nil, json.Number("1")}).Draw(t, "type")
	case 3: // resources in resources are a oneOf of their own
		object["contained"] = []any{graft(t, others)}
	case 4:
		object[rapid.SampledFrom([]string{"id", "status", "extra", "_id", "text"}).Draw(t, "new")] = graft(t, others)
	default:
		if array, ok := object[name].([]any); ok && len(array) > 0 {
			array[0] = mutate(t, array[0], others)
		} else {
			object[name] = mutate(t, object[name], others)
		}
	}
	return object
}

// graft is a value from anywhere.
func graft(t *rapid.T, others []any) any {
	value := others[rapid.IntRange(0, len(others)-1).Draw(t, "donor")]
	for range rapid.IntRange(0, 3).Draw(t, "depth") {
		switch v := value.(type) {
		case map[string]any:
			if len(v) > 0 {
				value = v[rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")]
			}
		case []any:
			if len(v) > 0 {
				value = rapid.SampledFrom(v).Draw(t, "element")
			}
		}
	}
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	copied, err := strict.Decode(raw)
	require.NoError(t, err)
	return copied
}

// BenchmarkFHIR checks whole Patient and Condition records.
func BenchmarkFHIR(b *testing.B) {
	doc, schemas := fhirDocument(b)
	data := map[string][]byte{
		"Patient":   realData(b, "synthea/Patient.ndjson"),
		"Condition": realData(b, "synthea/Condition.ndjson")[:64<<10],
	}
	for _, undispatched := range []bool{false, true} {
		checker, err := NewChecker(doc, schemas, func(c *Checker) { c.opts.undispatched = undispatched })
		require.NoError(b, err)
		for name, raw := range data {
			raw := raw[:bytes.LastIndexByte(raw, '\n')+1]
			b.Run(fmt.Sprintf("%s/dispatched=%t", name, !undispatched), func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				for b.Loop() {
					report, err := checker.Check(context.Background(), formattest.Source(raw), nil)
					require.NoError(b, err)
					require.True(b, report.OK())
				}
			})
		}
	}
}

func BenchmarkCompileFHIR(b *testing.B) {
	for b.Loop() {
		prepare(compileFHIR(b), options{})
	}
}
