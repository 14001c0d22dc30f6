package bench_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/bench"
)

func TestATableIsPrintedAndKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "on demand")
	t.Setenv("PDX_BENCH_JSON", folder)
	table := bench.Table{Name: "example", Title: "An example", Columns: []string{"× one", "µs"}}
	table.Add("one", 1, 0.0625)
	table.Add("two", 2.3456, 12345.6)
	table.Note("%d rows", 2)
	require.NoError(t, table.Report())

	var text bytes.Buffer
	require.NoError(t, table.Write(&text))
	for _, part := range []string{"An example", "× one", "0.0625", "2.35", "12346", "2 rows"} {
		require.Contains(t, text.String(), part)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "example.json"))
	require.NoError(t, err)
	var kept bench.Table
	require.NoError(t, json.Unmarshal(raw, &kept))
	require.Equal(t, table, kept)
	require.NotZero(t, kept.Ran.Processors)
}

func TestATableThatCannotBeKeptSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	t.Setenv("PDX_BENCH_JSON", file)
	require.ErrorContains(t, (&bench.Table{Name: "example"}).Report(), "keep table example")
}

func TestCompareFindsTheRatio(t *testing.T) {
	var sink uint64
	work := func(n int) func() {
		return func() {
			for i := range n {
				sink += uint64(i) * sink
			}
		}
	}
	var table bench.Table
	table.Compare(bench.Subject{Name: "one", Op: work(100_000)}, bench.Subject{Name: "eight", Op: work(800_000)})
	require.Equal(t, []string{"one", "eight"}, []string{table.Rows[0].Name, table.Rows[1].Name})
	require.Equal(t, 1.0, table.Rows[0].Values[0])
	ratio := table.Rows[1].Values[0]
	require.True(t, ratio > 4 && ratio < 16, "%v", ratio)
}

func TestMedian(t *testing.T) {
	require.Equal(t, 2.0, bench.Median([]float64{9, 1, 2}))
	require.Equal(t, 1.5, bench.Median([]float64{2, 1}))
}
