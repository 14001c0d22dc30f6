package rules

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
)

func one(t testing.TB, r Rule, aggregates ...Aggregate) *Set {
	t.Helper()
	everything := []fields.Pointer{nil}
	set, err := Compile(Definition{Rules: []Rule{r}, Aggregates: aggregates, Fields: everything, Required: everything})
	require.NoError(t, err)
	return set
}

func judge(t testing.TB, set *Set, record string) error {
	t.Helper()
	return set.Begin().Record(context.Background(), parse(t, record), len(record), func(string) {})
}

// What does not end in time has no verdict, and the error names the rule.
func TestCost(t *testing.T) {
	list := `{"l":[` + strings.Repeat("1,", 999) + `1],"s":"` + strings.Repeat("a", 8_000) + `"}`
	for name, expression := range map[string]string{
		"nested macros": "record.l.all(a, record.l.all(b, record.l.all(c, a == b && b == c)))",
		"large texts":   "record.l.all(a, record.s.contains('b') || a == 1)",
		"patterns":      "record.l.all(a, record.s.matches('(a|b|c|aa|bb|cc){1,40}$'))",
		"kept elements": "record.l.map(a, record.l.map(b, b)).size() == 1000",
		"comparisons":   "record.l.all(a, record.l == record.l)",
		"numbers":       "record.l.all(a, 1e300 * 1e300 * 1e300 * 1e300 * 1e300 > a)",
	} {
		t.Run(name, func(t *testing.T) {
			err := judge(t, one(t, Rule{Name: "slow", Record: expression}), list)
			require.ErrorIs(t, err, ErrCost)
			require.ErrorContains(t, err, "rule slow")
		})
	}
	require.NoError(t, judge(t, one(t, Rule{Name: "fast", Record: "record.l.all(a, a == 1 && a in [1, 2])"}), list))
}

func TestCostOfAggregates(t *testing.T) {
	digits := `{"n":[` + strings.Repeat("1e-999,", 9999) + `1]}`
	err := judge(t, one(t, Rule{Name: "r", Record: "true"},
		Aggregate{Name: "a", Measure: MeasureMin, Pointer: "/n"}, Aggregate{Name: "b", Measure: MeasureMax, Pointer: "/n"}), digits)
	require.ErrorIs(t, err, ErrCost)
	require.ErrorContains(t, err, "aggregate ")
}

func TestManyDistinctValues(t *testing.T) {
	run := one(t, Rule{Name: "r", Record: "true"}, Aggregate{Name: "a", Measure: MeasureDistinct, Pointer: "/n"}).Begin()
	run.distinct = MaxDistinct - 1
	add := func(i int) error {
		record := fmt.Sprintf(`{"n":%d}`, i)
		return run.Record(context.Background(), parse(t, record), len(record), func(string) {})
	}
	require.NoError(t, add(1))
	require.NoError(t, add(1))
	require.ErrorIs(t, add(2), ErrCost)
}

func TestContextEndsAnEvaluation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	list := `{"l":[` + strings.Repeat("1,", 19_999) + `1]}`
	set := one(t, Rule{Name: "r", Record: "record.l.all(a, a == 1)"})
	require.ErrorIs(t, set.Begin().Record(ctx, parse(t, list), len(list), func(string) {}), context.Canceled)
}

// An evaluation allocates, garbage included, a bounded number of bytes for each byte of the
// record.
func TestMemory(t *testing.T) {
	list := `{"l":[` + strings.Repeat("1,", 99_999) + `1]}`
	for _, expression := range []string{
		"record.l.map(a, a).map(a, a).map(a, a).size() > 0",
		"record.l.map(a, 'aaaaaaaaaaaaaaaa').filter(a, true).size() > 0",
		"record.l.map(a, 1e300 * 1e300 * 1e300).size() > 0",
		"record.l == record.l",
	} {
		set, root := one(t, Rule{Name: "r", Record: expression}), parse(t, list)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		err := set.Begin().Record(context.Background(), root, len(list), func(string) {})
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(400*len(list)), "%s: %v", expression, err)
	}
}

func TestFigures(t *testing.T) {
	set := one(t, Rule{Name: "r", Dataset: "true"},
		Aggregate{Name: "few", Measure: MeasureShare, Pointer: "/s", Equals: []byte(`"few"`)},
		Aggregate{Name: "most", Measure: MeasureShare, Pointer: "/s", Equals: []byte(`"most"`)},
		Aggregate{Name: "none", Measure: MeasureShare, Pointer: "/s", Equals: []byte(`"none"`)},
		Aggregate{Name: "half", Measure: MeasureShare, Pointer: "/h", Equals: []byte(`true`)},
		Aggregate{Name: "count", Measure: MeasureCount, Pointer: "/s"},
		Aggregate{Name: "kinds", Measure: MeasureDistinct, Pointer: "/s"},
		Aggregate{Name: "oldest", Measure: MeasureMax, Pointer: "/n"},
	)
	run := set.Begin()
	for i := range 40 {
		record := fmt.Sprintf(`{"s":%q,"h":%t,"n":%d}`, map[bool]string{true: "few", false: "most"}[i < 10], i%2 == 0, i)
		require.NoError(t, run.Record(context.Background(), parse(t, record), len(record), nil))
	}
	shown := map[string]string{}
	for _, f := range run.Figures(Floor) {
		shown[f.Name] = f.Text
	}
	require.Equal(t, map[string]string{
		"few": "", "most": "", "none": "0.00 %", "half": "50.00 %", "count": "40", "kinds": "", "oldest": "",
	}, shown)
}

func FuzzExpression(f *testing.F) {
	for _, name := range []string{"records.json", "datasets.json"} {
		v, _ := readVectors(f, name)
		for _, c := range v.Outcomes {
			f.Add(c.Expression)
		}
		for _, expression := range v.Refused {
			f.Add(expression)
		}
	}
	v, _ := readVectors(f, "records.json")
	record := parse(f, v.Record)
	everything := []fields.Pointer{nil}
	f.Fuzz(func(t *testing.T, expression string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		set, err := Compile(Definition{Rules: []Rule{{Name: "r", Record: expression}}, Fields: everything})
		if err == nil {
			err = set.Begin().Record(context.Background(), record, len(v.Record), func(string) {})
			require.True(t, err == nil || strings.Contains(err.Error(), ErrCost.Error()), "%v", err)
		}
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20), "%q", expression)
	})
}
