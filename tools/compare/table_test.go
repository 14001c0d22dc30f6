package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/bench"
)

// TestTables reads tables as integration/bench writes them.
func TestTables(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PDX_BENCH_JSON", folder)
	many := bench.Table{Name: "transfer-many", Columns: []string{"s", "× one blob"}}
	many.Add("one blob", 1.5, 1)
	many.Add("many blobs", 2.25, 1.5)
	require.NoError(t, many.Report())
	for _, name := range []string{"transfer-loopback", "transfer-hostile"} {
		table := bench.Table{Name: name, Columns: []string{"MB/s", "s"}}
		table.Add("pdx", 512, 2)
		require.NoError(t, table.Report())
	}
	lines, err := readTables(folder)
	require.NoError(t, err)
	for _, want := range []string{
		"BenchmarkTransferMany/one_blob 1 1.5 s/op\n", "BenchmarkTransferMany/many_blobs 1 2.25 s/op\n",
		"BenchmarkTransferLoopback/pdx 1 512 MB/s\n", "BenchmarkTransferHostile/pdx 1 512 MB/s\n",
	} {
		require.Contains(t, string(lines), want)
	}
	require.NotContains(t, string(lines), "2 s")

	renamed := `{"Columns":["h"],"Rows":[{"Name":"a","Values":[1]}]}`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "transfer-many.json"), []byte(renamed), 0o644))
	_, err = readTables(folder)
	require.ErrorContains(t, err, "transfer-many", "a renamed column is no silent gap")
}

func TestOnlyResultsAreKept(t *testing.T) {
	out := "goos: linux\npkg: github.com/medibloc/pdx/exchange/seal\nBenchmarkSeal/A-2 \t 5\t 1 ns/op\nPASS\n"
	require.Equal(t, "BenchmarkSeal/A-2 \t 5\t 1 ns/op\n", string(benchLines([]byte(out))))
}
