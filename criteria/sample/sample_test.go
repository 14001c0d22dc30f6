package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

var kinds = []Kind{Patient, Observation}

func generate(t testing.TB, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Generate(&b, o))
	return b.Bytes()
}

func TestGenerateIsDeterministic(t *testing.T) {
	for _, kind := range kinds {
		o := Options{Seed: 7, Patients: 20, Observations: 5, Kind: kind}
		require.Equal(t, generate(t, o), generate(t, o))
		more := o
		more.Patients = 30
		require.True(t, bytes.HasPrefix(generate(t, more), generate(t, o)), "more people leave the first as they are")
		other := o
		other.Seed++
		require.NotEqual(t, generate(t, o), generate(t, other))
	}
	require.Equal(t, 20, bytes.Count(generate(t, Options{Patients: 20, Kind: Patient}), []byte("\n")))
	require.Equal(t, 60, bytes.Count(generate(t, Options{Patients: 20, Observations: 3, Kind: Observation}), []byte("\n")))
	require.Empty(t, generate(t, Options{Kind: Patient}))
}

func TestGenerateRefuses(t *testing.T) {
	require.ErrorIs(t, Generate(&bytes.Buffer{}, Options{Kind: "Secret"}), pdx.ErrInvalid)
	_, err := Criteria("../Patient")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	full := errors.New("full")
	require.ErrorIs(t, Generate(failing{full}, Options{Kind: Patient, Patients: 1000}), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What is generated and then projected meets the criteria, and names nobody.
func TestSampleMeetsItsCriteria(t *testing.T) {
	for _, kind := range kinds {
		data := generate(t, Options{Seed: 1, Patients: 60, Observations: 24, Kind: kind})
		report, disclosed := sell(t, kind, data)
		require.True(t, report.OK(), "%s: %v", kind, report.Findings)
		for _, word := range append(append(families, givenFemale...), givenMale...) {
			require.NotContains(t, disclosed, word)
		}
		for _, word := range []string{"555-01", "Example Street", "SYN-", "HTEST"} {
			require.NotContains(t, disclosed, word)
			require.True(t, kind == Observation || bytes.Contains(data, []byte(word)), word)
		}
	}
}

func TestBrokenBreaksTheCriteria(t *testing.T) {
	for _, kind := range kinds {
		o := Options{Seed: 1, Patients: 40, Observations: 8, Kind: kind, Broken: 4}
		records := bytes.Count(generate(t, o), []byte("\n"))
		report, _ := sell(t, kind, generate(t, o))
		require.EqualValues(t, records/4, report.Total, "%v", report.Findings)
		require.Equal(t, pdx.RejectCriteria, report.Reason)
		for _, finding := range report.Findings {
			require.Zero(t, finding.Record%4, "%v", finding)
		}
	}
}

// sell projects data to what the kind's criteria ask for and checks it.
func sell(t testing.TB, kind Kind, data []byte) (criteria.Report, string) {
	t.Helper()
	raw, err := Criteria(kind)
	require.NoError(t, err)
	doc, err := criteria.Parse(raw)
	require.NoError(t, err)
	checker, err := criteria.NewChecker(doc, nil)
	require.NoError(t, err)
	var disclosed bytes.Buffer
	_, err = criteria.Project(context.Background(), &disclosed, formattest.Source(data), ndjson.Format{},
		criteria.Disclosure{Version: doc.Version, Fields: doc.Pointers()})
	require.NoError(t, err)
	text := disclosed.String()
	report, err := checker.Check(context.Background(), formattest.Source(disclosed.Bytes()), nil)
	require.NoError(t, err)
	return report, text
}

func TestSampleIsFHIR(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "schema", "fhir-r4.schema.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the FHIR R4 schema is not on this machine: no ../shared/data beside the repository")
	}
	require.NoError(t, err)
	doc := criteria.Document{
		Version: criteria.Version, Title: "FHIR R4", MediaType: criteria.NDJSON,
		Schema: fmt.Appendf(nil, `{"cid":%q}`, criteria.IDOf(raw).String()),
		Fields: []criteria.Field{{Required: true, Purpose: "test"}}, Unique: [][]string{{"/id"}},
	}
	encoded, err := doc.Encode()
	require.NoError(t, err)
	parsed, err := criteria.Parse(encoded)
	require.NoError(t, err)
	checker, err := criteria.NewChecker(parsed, criteria.Bundle(raw))
	require.NoError(t, err)
	for _, kind := range kinds {
		data := generate(t, Options{Seed: 3, Patients: 60, Observations: 20, Kind: kind})
		report, err := checker.Check(context.Background(), formattest.Source(data), nil)
		require.NoError(t, err)
		require.True(t, report.OK(), "%s: %v", kind, report.Findings)
	}
}

// Observations belong to the people of the seed, and their values hang together.
func TestObservationsHangTogether(t *testing.T) {
	people := map[string]bool{}
	for line := range bytes.Lines(generate(t, Options{Seed: 9, Patients: 200, Kind: Patient})) {
		var p patient
		require.NoError(t, json.Unmarshal(line, &p))
		people["Patient/"+p.ID] = true
	}
	require.Len(t, people, 200)
	var visit map[string]float64
	for line := range bytes.Lines(generate(t, Options{Seed: 9, Patients: 200, Observations: 8, Kind: Observation})) {
		var o observation
		require.NoError(t, json.Unmarshal(line, &o))
		require.True(t, people[o.Subject.Reference])
		if o.Code.Coding[0].Code == height.loinc {
			visit = map[string]float64{}
		}
		note(t, visit, o.Code, o.ValueQuantity)
		for _, c := range o.Component {
			note(t, visit, c.Code, &c.ValueQuantity)
		}
		if len(o.Component) > 0 {
			h := visit[height.loinc] / 100
			require.InDelta(t, visit[weight.loinc]/(h*h), visit[bmi.loinc], 0.2)
			require.Less(t, visit[diastolic.loinc], visit[systolic.loinc])
		}
	}
}

func note(t *testing.T, visit map[string]float64, code concept, q *quantity) {
	if q == nil {
		return
	}
	x, err := q.Value.Float64()
	require.NoError(t, err)
	visit[code.Coding[0].Code] = x
}

// The documents' plausible ranges are those of the measures.
func TestCriteriaKnowEveryMeasure(t *testing.T) {
	raw, err := Criteria(Observation)
	require.NoError(t, err)
	for _, m := range append(measures, systolic, diastolic) {
		require.Contains(t, string(raw), `"`+m.loinc+`"`)
		if m != pressure {
			require.Contains(t, strings.Join(strings.Fields(string(raw)), " "),
				fmt.Sprintf(`{"const": %q}}, "required": ["code"]}}}}}}, `+
					`"then": {"properties": {"valueQuantity": {"properties": {"value": {"minimum": %g, "maximum": %g}}}}}}`,
					m.loinc, m.low, m.high))
		}
	}
}
