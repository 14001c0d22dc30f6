package rules

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// vectors are the files of testdata, which other implementations can read.
type vectors struct {
	Fields     []string
	Record     string
	Records    []string
	Aggregates []Aggregate
	Outcomes   []struct{ Expression, Outcome string }
	Refused    []string
}

func readVectors(t testing.TB, name string) (v vectors, asked []fields.Pointer) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	asked, err = fields.Parse(v.Fields)
	require.NoError(t, err)
	return v, asked
}

func parse(t testing.TB, text string) strict.Value {
	t.Helper()
	tree, err := strict.Parse([]byte(text))
	require.NoError(t, err)
	return tree.Root()
}

// outcomeOf is what the found rules say about the only one, in the words of the vectors.
func outcomeOf(found []string) string {
	switch {
	case len(found) == 0:
		return "holds"
	case strings.HasPrefix(found[0], Failed):
		return "error"
	}
	return "broken"
}

func TestRecordVectors(t *testing.T) {
	v, asked := readVectors(t, "records.json")
	for _, c := range v.Outcomes {
		set, err := Compile(Definition{Rules: []Rule{{Name: "r", Record: c.Expression}}, Fields: asked})
		require.NoError(t, err, c.Expression)
		var found []string
		err = set.Begin().Record(context.Background(), parse(t, v.Record), len(v.Record), func(rule string) { found = append(found, rule) })
		require.NoError(t, err, c.Expression)
		require.Equal(t, c.Outcome, outcomeOf(found), c.Expression)
	}
	for _, expression := range v.Refused {
		_, err := Compile(Definition{Rules: []Rule{{Name: "r", Record: expression}}, Fields: asked})
		require.Error(t, err, expression)
	}
}

func TestDatasetVectors(t *testing.T) {
	v, asked := readVectors(t, "datasets.json")
	compile := func(expression string) (*Set, error) {
		d := Definition{Rules: []Rule{{Name: "r", Dataset: expression}}, Aggregates: v.Aggregates, Fields: asked, Required: asked}
		return Compile(d)
	}
	for _, c := range v.Outcomes {
		set, err := compile(c.Expression)
		require.NoError(t, err, c.Expression)
		for range 3 {
			rand.Shuffle(len(v.Records), func(i, j int) { v.Records[i], v.Records[j] = v.Records[j], v.Records[i] })
			var found []string
			run := set.Begin()
			for _, record := range v.Records {
				require.NoError(t, run.Record(context.Background(), parse(t, record), len(record), nil))
			}
			require.NoError(t, run.End(context.Background(), func(rule string) { found = append(found, rule) }))
			require.Equal(t, c.Outcome, outcomeOf(found), c.Expression)
		}
	}
	for _, expression := range v.Refused {
		_, err := compile(expression)
		require.Error(t, err, expression)
	}
}
