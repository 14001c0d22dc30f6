package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
)

func feed(t *testing.T, k Kind) {
	ctx, db := t.Context(), k.open(t, k.New(t), nil)
	a, b := store.NewTable[int](db, "a"), store.NewTable[int](db, "b")
	require.NoError(t, a.Put(ctx, "before", 1))
	all, ofB := db.Watch(), db.Watch("b")
	defer all.Close()
	no := errors.New("no")
	require.ErrorIs(t, db.Change(ctx, func(tx *store.Tx) error { return errors.Join(a.In(tx).Put(ctx, "not", 1), no) }), no)
	requireQuiet(t, all)

	require.NoError(t, a.Put(ctx, "k", 1))
	require.NoError(t, a.Put(ctx, "k", 2))
	require.NoError(t, a.Delete(ctx, "before"))
	requireQuiet(t, ofB)
	_, err := b.PutIf(ctx, "k", 3, store.NoVersion)
	require.NoError(t, err)
	<-all.Changed
	rows, any := all.Take()
	require.False(t, any)
	require.ElementsMatch(t, []store.RowName{{Table: "a", Key: "k"}, {Table: "a", Key: "before"}, {Table: "b", Key: "k"}}, rows)
	requireQuiet(t, all)
	<-ofB.Changed
	rows, _ = ofB.Take()
	require.Equal(t, []store.RowName{{Table: "b", Key: "k"}}, rows)

	many := map[string]int{}
	for i := range store.MaxFeed + 1 {
		many[fmt.Sprint(i)] = i
	}
	require.NoError(t, b.PutAll(ctx, many))
	<-ofB.Changed
	rows, any = ofB.Take()
	require.True(t, any, "more than are kept")
	require.Empty(t, rows)
	ofB.Close()
	require.NoError(t, b.Put(ctx, "k", 4))
	requireQuiet(t, ofB)
}

func requireQuiet(t *testing.T, f *store.Feed) {
	t.Helper()
	select {
	case <-f.Changed:
		require.Fail(t, "nothing was committed")
	default:
	}
	rows, all := f.Take()
	require.Empty(t, rows)
	require.False(t, all)
}
