package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// entry is a document with fields of several kinds.
type entry struct {
	Name string
	Pool pdx.PoolID
	Of   *struct{ Root string }
	Live bool
	Key  [2]byte
	Rank int
}

var entrySchema = store.Schema{"entries": {"Name", "Pool", "Of.Root", "Live", "Key", "Pool,Rank"}}

// names returns what a search found, by name.
func names(t *testing.T, found []entry, err error) (list []string) {
	t.Helper()
	require.NoError(t, err)
	for _, e := range found {
		list = append(list, e.Name)
	}
	return list
}

func indexes(t *testing.T, k Kind) {
	ctx, db := t.Context(), k.open(t, k.New(t), entrySchema)
	table := store.NewTable[entry](db, "entries")
	find := func(field string, value any) []string {
		found, err := table.Find(ctx, field, value)
		return names(t, found, err)
	}
	root := struct{ Root string }{`a "root"`}
	require.NoError(t, table.PutAll(ctx, map[string]entry{
		"1": {Name: "a", Pool: 2}, "2": {Name: "b", Pool: 10, Of: &root}, "3": {Name: "c", Pool: 2, Live: true, Key: [2]byte{1, 200}},
	}))
	require.Equal(t, []string{"a", "c"}, find("Pool", pdx.PoolID(2)))
	require.Equal(t, []string{"b"}, find("Of.Root", root.Root))
	require.Equal(t, []string{"c"}, find("Live", true))
	require.Equal(t, []string{"c"}, find("Key", [2]byte{1, 200}))
	require.Empty(t, find("Key", [2]byte{1, 20}))
	require.Empty(t, find("Pool", 3))
	require.Empty(t, find("Pool", "2"), "a number is no text")
	require.NoError(t, store.NewTable[entry](db, "others").Put(ctx, "1", entry{Name: "x", Pool: 2}))
	require.Equal(t, []string{"a", "c"}, find("Pool", 2), "tables are apart")

	_, err := table.Update(ctx, "1", func(e entry) (entry, error) { e.Pool = 3; return e, nil })
	require.NoError(t, err)
	require.NoError(t, table.Delete(ctx, "3"))
	require.Empty(t, find("Pool", 2))
	require.Equal(t, []string{"a"}, find("Pool", 3))
	require.Empty(t, find("Live", true))

	_, err = table.Find(ctx, "Deal", 1)
	require.ErrorIs(t, err, pdx.ErrInvalid, "it is not declared")
	_, err = table.Find(ctx, "Pool", root)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.NoError(t, store.NewTable[any](db, "entries").Put(ctx, "4", map[string]any{"Name": []string{"list"}, "Pool": nil}))
	all, err := store.NewTable[any](db, "entries").Range(ctx, store.Query{Field: "Pool"})
	require.NoError(t, err)
	require.Len(t, all, 2, "null is in no index")
}

func ranges(t *testing.T, k Kind) {
	ctx := t.Context()
	table := store.NewTable[entry](k.open(t, k.New(t), entrySchema), "entries")
	for i := range 12 { // n00 has pool 0, n01 and n02 pool 1, …
		require.NoError(t, table.Put(ctx, fmt.Sprintf("%02d", i), entry{
			Name: fmt.Sprintf("n%02d", i), Pool: pdx.PoolID((i + 1) / 2), Rank: 20 - i,
		}))
	}
	for what, c := range map[string]struct {
		query store.Query
		want  []string
	}{
		"numbers, not text": {store.Query{Field: "Pool", From: int64(5)}, []string{"n09", "n10", "n11"}},
		"to":                {store.Query{Field: "Pool", To: int64(1)}, []string{"n00"}},
		"both":              {store.Query{Field: "Pool", From: int64(2), To: int64(3)}, []string{"n03", "n04"}},
		"limit":             {store.Query{Field: "Pool", From: int64(1), Limit: 3}, []string{"n01", "n02", "n03"}},
		"next page":         {store.Query{Field: "Pool", From: int64(2), After: "03", Limit: 2}, []string{"n04", "n05"}},
		"text":              {store.Query{Field: "Name", From: "n10"}, []string{"n10", "n11"}},
		"keys":              {store.Query{From: "04", To: "06"}, []string{"n04", "n05"}},
		"keys, limit":       {store.Query{From: "04", Limit: 1}, []string{"n04"}},
		"keys, next page":   {store.Query{From: "04", After: "04", Limit: 2}, []string{"n05", "n06"}},
		"down":              {store.Query{Field: "Pool", From: int64(1), Reverse: true}, []string{"n02", "n01", "n00"}},
		"down, to":          {store.Query{Field: "Pool", To: int64(5), Reverse: true}, []string{"n11"}},
		"down, next page":   {store.Query{Field: "Pool", From: int64(2), After: "04", Limit: 2, Reverse: true}, []string{"n03", "n02"}},
		"keys, down":        {store.Query{Limit: 2, Reverse: true}, []string{"n11", "n10"}},
		"two fields": {
			store.Query{Field: "Pool,Rank", From: store.Joined(2, 0), To: store.Joined(3, 0)}, []string{"n04", "n03"},
		},
		"two fields, down": {
			store.Query{Field: "Pool,Rank", From: store.Joined(2, 99), To: store.Joined(1, 99), Reverse: true}, []string{"n03", "n04"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			found, err := table.Range(ctx, c.query)
			require.Equal(t, c.want, names(t, found, err))
		})
	}
	_, err := table.Range(store.Serving(ctx), store.Query{Field: "Pool"})
	require.ErrorIs(t, err, store.ErrScan, "a peer reads no whole table by an index either")
	_, err = table.Range(store.Serving(ctx), store.Query{Field: "Pool", Limit: 1})
	require.NoError(t, err)
}

func declaredLater(t *testing.T, k Kind) {
	ctx, at := t.Context(), k.New(t)
	db := k.open(t, at, nil)
	require.NoError(t, store.NewTable[entry](db, "entries").Put(ctx, "1", entry{Name: "a", Pool: 1}))
	require.NoError(t, db.Close())
	db = k.open(t, at, entrySchema)
	table := store.NewTable[entry](db, "entries")
	found, err := table.Find(ctx, "Pool", 1)
	require.Equal(t, []string{"a"}, names(t, found, err))
	require.NoError(t, db.Close())

	db = k.open(t, at, nil) // a program that declares nothing
	require.NoError(t, store.NewTable[entry](db, "entries").Put(ctx, "1", entry{Name: "b", Pool: 2}))
	require.NoError(t, db.Close())
	table = store.NewTable[entry](k.open(t, at, entrySchema), "entries")
	found, err = table.Find(ctx, "Pool", 2)
	require.Equal(t, []string{"b"}, names(t, found, err))
	found, err = table.Find(ctx, "Pool", 1)
	require.Empty(t, names(t, found, err))
}

// pages reads a table in pages, up and down, while rows come and go.
func pages(t *testing.T, k Kind) {
	ctx := t.Context()
	table := store.NewTable[entry](k.open(t, k.New(t), entrySchema), "entries")
	var up, down []string
	for i := range 23 {
		name := fmt.Sprintf("n%02d", i)
		up, down = append(up, name), append([]string{name}, down...)
		require.NoError(t, table.Put(ctx, name, entry{Name: name, Pool: pdx.PoolID(i / 5), Rank: i % 5}))
	}
	for _, q := range []store.Query{
		{}, {Reverse: true}, {Field: "Name"}, {Field: "Pool"}, {Field: "Pool", Reverse: true}, {Field: "Pool,Rank", Reverse: true},
	} {
		want := up
		if q.Reverse {
			want = down
		}
		for _, q.Limit = range []int{1, 4, 22, 23, 24} {
			var got []string
			for cursor, first := "", true; first || cursor != ""; first = false {
				page, next, err := table.Page(ctx, q, cursor)
				require.LessOrEqual(t, len(page), q.Limit)
				got, cursor = append(got, names(t, page, err)...), next
			}
			require.Equal(t, want, got, "%+v", q)
		}
	}
	q := store.Query{Field: "Pool", From: int64(1), To: int64(3), Limit: 4}
	page, next, err := table.Page(ctx, q, "")
	require.Equal(t, up[5:9], names(t, page, err))
	require.NoError(t, table.Delete(ctx, up[8]), "the row at which the page ended")
	page, next, err = table.Page(ctx, q, next)
	require.Equal(t, up[9:13], names(t, page, err))
	page, next, err = table.Page(ctx, q, next)
	require.Equal(t, up[13:15], names(t, page, err))
	require.Empty(t, next)
	for _, bad := range []string{"x", "!", "W10", "WzFd", "WzEsIiJd", "W251bGwsImEiXQ", "WzEsMl0"} {
		_, _, err = table.Page(ctx, q, bad)
		require.ErrorIs(t, err, pdx.ErrInvalid, "cursor %q", bad)
	}
	_, _, err = table.Page(ctx, store.Query{}, "")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
