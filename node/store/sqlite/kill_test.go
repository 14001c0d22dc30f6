package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// writerEnv, when set, makes the test binary the writer that TestKill kills.
const writerEnv = "PDX_STORE_TEST_WRITER"

// writeForever puts documents and moves the cursor, and says each number only
// after the store acknowledged it.
func writeForever(dir string) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "node.db"), nil)
	must(err)
	table, cursor := store.NewTable[int](db, "numbers"), store.NewCursor(db, "chain")
	start, err := table.Count(ctx)
	must(err)
	for i := start; ; i++ {
		must(table.Put(ctx, fmt.Sprintf("%09d", i), i))
		must(cursor.Advance(ctx, int64(i)))
		fmt.Println(i)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestKill kills a writer again and again: what it acknowledged is there.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 5 {
		acknowledged := killAfter(t, dir, 20+7*round)
		db := open(t, filepath.Join(dir, "node.db"))
		numbers, err := store.NewTable[int](db, "numbers").All(t.Context())
		require.NoError(t, err)
		require.Greater(t, len(numbers), acknowledged)
		for i, n := range numbers {
			require.Equal(t, i, n)
		}
		height, err := store.NewCursor(db, "chain").Height(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, height, int64(acknowledged))
	}
}

// killAfter runs a writer, kills it in the middle of its work after it has said
// so many numbers, and returns the last one it said.
func killAfter(t *testing.T, dir string, said int) int {
	t.Helper()
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerEnv+"="+dir)
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, writer.Start())
	lines, last := bufio.NewScanner(out), -1
	for seen := 1; lines.Scan(); seen++ {
		last, err = strconv.Atoi(lines.Text())
		require.NoError(t, err)
		if seen == said {
			require.NoError(t, writer.Process.Kill())
		}
	}
	require.Error(t, writer.Wait(), "the writer ends only by being killed")
	require.GreaterOrEqual(t, last, said-1)
	return last
}
