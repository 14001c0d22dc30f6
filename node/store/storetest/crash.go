package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
)

// writerEnv, when set, makes the test binary the writer that is killed.
const writerEnv = "PDX_STORE_TEST_WRITER"

// number is what the writer writes: twice in one transaction, in two tables.
type number struct{ N int }

var numberSchema = store.Schema{"numbers": {"N"}}

// Writer does nothing unless the process was started as the writer of a test of
// crashes: then it writes to the store until it is killed. TestMain calls it first.
func Writer(k Kind) {
	at := os.Getenv(writerEnv)
	if at == "" {
		return
	}
	fmt.Fprintln(os.Stderr, writeForever(context.Background(), k, at))
	os.Exit(1)
}

// writeForever says each number only after the store acknowledged it.
func writeForever(ctx context.Context, k Kind, at string) error {
	db, err := k.Open(ctx, at, numberSchema)
	if err != nil {
		return err
	}
	numbers, copies, cursor := store.NewTable[number](db, "numbers"), store.NewTable[number](db, "copies"), store.NewCursor(db, "chain")
	start, err := numbers.Count(ctx)
	for i := start; err == nil; i++ {
		key := fmt.Sprintf("%09d", i)
		err = db.Change(ctx, func(tx *store.Tx) error {
			if err := numbers.In(tx).Put(ctx, key, number{i}); err != nil {
				return err
			}
			return copies.In(tx).Put(ctx, key, number{i})
		})
		if err == nil {
			err = cursor.Advance(ctx, int64(i))
		}
		fmt.Println(i)
	}
	return err
}

// killed kills a writer again and again: what it acknowledged is there, and each
// transaction is whole.
func killed(t *testing.T, k Kind) {
	at := k.New(t)
	for round := range 5 {
		acknowledged := killAfter(t, at, 20+7*round)
		db := k.open(t, at, numberSchema)
		require.Empty(t, db.Damaged())
		numbers, err := store.NewTable[number](db, "numbers").All(t.Context())
		require.NoError(t, err)
		copies, err := store.NewTable[number](db, "copies").All(t.Context())
		require.NoError(t, err)
		indexed, err := store.NewTable[number](db, "numbers").Range(t.Context(), store.Query{Field: "N"})
		require.NoError(t, err)
		require.Greater(t, len(numbers), acknowledged)
		require.Equal(t, numbers, copies)
		require.Equal(t, numbers, indexed)
		for i, n := range numbers {
			require.Equal(t, i, n.N)
		}
		height, err := store.NewCursor(db, "chain").Height(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, height, int64(acknowledged))
		require.NoError(t, db.Close())
	}
}

// killAfter runs a writer, kills it in the middle of its work after it has said
// so many numbers, and returns the last one it said.
func killAfter(t *testing.T, at string, said int) int {
	t.Helper()
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerEnv+"="+at)
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
