package storetest

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// Kind is a kind of state store under test.
type Kind struct {
	// New returns the location of a new, empty store.
	New func(t *testing.T) string
	// Open opens the store at a location. Several may be open at once.
	Open func(ctx context.Context, location string, schema store.Schema) (*store.DB, error)
	// Spoil changes a stored document behind the store's back, which is closed.
	Spoil func(t *testing.T, location, table, key string)
}

// Run checks that a kind of store keeps the contract. Its TestMain must call Writer.
func Run(t *testing.T, k Kind) {
	RunTable(t, func(t *testing.T) Documents[Doc] { return store.NewTable[Doc](k.open(t, k.New(t), nil), "docs") })
	RunSecrets(t, func(t *testing.T) Vault { return secretsOf(t, k.open(t, k.New(t), nil), newKey(t)) })
	for name, test := range map[string]func(*testing.T, Kind){
		"a cursor moves forward only":          cursor,
		"all is there after a reopening":       reopened,
		"tables are apart":                     tablesApart,
		"a transaction is all or nothing":      transaction,
		"a version is written over once":       versions,
		"writers at once lose nothing":         writers,
		"rows are found by indexed fields":     indexes,
		"a range has bounds and pages":         ranges,
		"a list has pages":                     pages,
		"an index may be declared later":       declaredLater,
		"a feed reports what is committed":     feed,
		"secrets lie apart, sealed":            sealed,
		"damaged rows are named and set aside": damaged,
		"what was acknowledged survives kills": killed,
		"a cancelled call writes nothing":      cancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, k) })
	}
}

func (k Kind) open(t *testing.T, location string, schema store.Schema) *store.DB {
	t.Helper()
	db, err := k.Open(t.Context(), location, schema)
	require.NoError(t, err)
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { _ = db.Close() }) })
	return db
}

func newKey(t *testing.T) store.Key {
	t.Helper()
	const workFactor = 4 // scrypt in a millisecond
	key, err := store.CreateKey(filepath.Join(t.TempDir(), "key"), "pass", workFactor)
	require.NoError(t, err)
	return key
}

func secretsOf(t *testing.T, db *store.DB, key store.Key) *store.Secrets {
	t.Helper()
	secrets, err := store.OpenSecrets(t.Context(), db, key)
	require.NoError(t, err)
	return secrets
}

func cursor(t *testing.T, k Kind) {
	db := k.open(t, k.New(t), nil)
	chain, other := store.NewCursor(db, "chain"), store.NewCursor(db, "other")
	for _, step := range []struct{ to, at int64 }{{0, 0}, {7, 7}, {3, 7}, {8, 8}} {
		require.NoError(t, chain.Advance(t.Context(), step.to))
		at, err := chain.Height(t.Context())
		require.NoError(t, err)
		require.Equal(t, step.at, at)
	}
	at, err := other.Height(t.Context())
	require.NoError(t, err)
	require.Zero(t, at)
}

func reopened(t *testing.T, k Kind) {
	at, key := k.New(t), newKey(t)
	db := k.open(t, at, nil)
	require.NoError(t, store.NewTable[string](db, "a").Put(t.Context(), "k", "v"))
	require.NoError(t, secretsOf(t, db, key).Put(t.Context(), "s", []byte("secret")))
	require.NoError(t, store.NewCursor(db, "chain").Advance(t.Context(), 9))
	require.NoError(t, db.Close())
	require.Error(t, store.NewTable[string](db, "a").Put(t.Context(), "k", "w"), "it is closed")

	db = k.open(t, at, nil)
	got, err := store.NewTable[string](db, "a").Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, "v", got)
	secret, err := secretsOf(t, db, key).Get(t.Context(), "s")
	require.NoError(t, err)
	require.Equal(t, "secret", string(secret))
	height, err := store.NewCursor(db, "chain").Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 9, height)
}

func tablesApart(t *testing.T, k Kind) {
	db := k.open(t, k.New(t), nil)
	require.NoError(t, store.NewTable[int](db, "a").Put(t.Context(), "k", 1))
	_, err := store.NewTable[int](db, "b").Get(t.Context(), "k")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func transaction(t *testing.T, k Kind) {
	ctx, db := t.Context(), k.open(t, k.New(t), nil)
	a, b := store.NewTable[int](db, "a"), store.NewTable[string](db, "b")
	require.NoError(t, a.Put(ctx, "old", 1))
	no := errors.New("no")
	both := func(end error) error {
		return db.Change(ctx, func(tx *store.Tx) error {
			require.NoError(t, a.In(tx).Put(ctx, "k", 7))
			require.NoError(t, b.In(tx).Put(ctx, "k", "seven"))
			require.NoError(t, a.In(tx).Delete(ctx, "old"))
			got, err := a.In(tx).Get(ctx, "k")
			require.NoError(t, err)
			require.Equal(t, 7, got, "it sees what it wrote")
			_, err = a.Get(ctx, "k")
			require.ErrorIs(t, err, pdx.ErrNotFound, "others do not")
			return end
		})
	}
	require.ErrorIs(t, both(no), no)
	_, err := b.Get(ctx, "k")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	got, err := a.Get(ctx, "old")
	require.NoError(t, err)
	require.Equal(t, 1, got)

	require.NoError(t, both(nil))
	text, err := b.Get(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, "seven", text)
	_, err = a.Get(ctx, "old")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func versions(t *testing.T, k Kind) {
	ctx := t.Context()
	table := store.NewTable[int](k.open(t, k.New(t), nil), "a")
	_, err := table.PutIf(ctx, "k", 1, "another")
	require.ErrorIs(t, err, store.ErrConflict)
	first, err := table.PutIf(ctx, "k", 1, store.NoVersion)
	require.NoError(t, err)
	_, err = table.PutIf(ctx, "k", 2, store.NoVersion)
	require.ErrorIs(t, err, store.ErrConflict, "it is there")
	second, err := table.PutIf(ctx, "k", 2, first)
	require.NoError(t, err)
	_, err = table.PutIf(ctx, "k", 3, first)
	require.ErrorIs(t, err, store.ErrConflict)
	got, version, err := table.GetVersion(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, 2, got)
	require.Equal(t, second, version)
	require.NoError(t, table.Delete(ctx, "k"))
	_, err = table.PutIf(ctx, "k", 4, second)
	require.ErrorIs(t, err, store.ErrConflict, "it is gone")
	_, version, err = table.GetVersion(ctx, "k")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.Equal(t, store.NoVersion, version)
}

// writers has two openings of one store count up the same row, each in both ways.
func writers(t *testing.T, k Kind) {
	const each = 10
	ctx, at := t.Context(), k.New(t)
	var all sync.WaitGroup
	failed := make(chan error, 8*each)
	for range 2 {
		table := store.NewTable[int](k.open(t, at, nil), "a")
		for range 2 {
			all.Go(func() {
				for range each {
					failed <- countByVersion(ctx, table)
					failed <- table.ChangeAll(ctx, []string{"k"}, func(n int) int { return n + 1 })
				}
			})
		}
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	got, err := store.NewTable[int](k.open(t, at, nil), "a").Get(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, 2*2*2*each, got)
}

func countByVersion(ctx context.Context, table *store.Table[int]) error {
	for {
		n, version, err := table.GetVersion(ctx, "k")
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return err
		}
		if _, err = table.PutIf(ctx, "k", n+1, version); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func sealed(t *testing.T, k Kind) {
	ctx, at, key := t.Context(), k.New(t), newKey(t)
	db := k.open(t, at, nil)
	secrets, plain := secretsOf(t, db, key), []byte("a secret that would be seen")
	for _, name := range []string{"a/1", "a/2", "b", "a%"} {
		require.NoError(t, secrets.Put(ctx, name, plain))
	}
	names, err := secrets.Names(ctx, "a/")
	require.NoError(t, err)
	require.Equal(t, []string{"a/1", "a/2"}, names)
	raw, err := db.Backend().Sealed(ctx, "b")
	require.NoError(t, err)
	require.False(t, bytes.Contains(raw, plain))
	_, err = db.Backend().Get(ctx, "secrets", "b")
	require.ErrorIs(t, err, pdx.ErrNotFound, "no row has a secret")
	_, err = store.OpenSecrets(ctx, db, newKey(t))
	require.ErrorIs(t, err, pdx.ErrRefused, "another key opens nothing")
}

func damaged(t *testing.T, k Kind) {
	ctx, at, schema := t.Context(), k.New(t), store.Schema{"deals": {"Text"}}
	type about struct {
		Deal pdx.DealID
		Text string
	}
	db := k.open(t, at, schema)
	table := store.NewTable[about](db, "deals")
	for i, key := range []string{"a", "b", "c"} {
		require.NoError(t, table.Put(ctx, key, about{pdx.DealID(i), "text"}))
	}
	require.NoError(t, db.Close())
	k.Spoil(t, at, "deals", "a")
	k.Spoil(t, at, "deals", "b")

	db = k.open(t, at, schema)
	table = store.NewTable[about](db, "deals")
	_, err := table.Get(ctx, "b")
	require.ErrorIs(t, err, store.ErrDamagedRow)
	for _, read := range []func() ([]about, error){
		func() ([]about, error) { return table.All(ctx) },
		func() ([]about, error) { return table.Find(ctx, "Text", "text") },
	} {
		all, err := read()
		require.NoError(t, err)
		require.Equal(t, []about{{2, "text"}}, all)
	}
	require.Len(t, db.Damaged(), 2)
	require.Equal(t, pdx.DealID(1), db.Damaged()[1].Deal, "its deal is known")
	require.ErrorIs(t, table.Put(ctx, "b", about{}), store.ErrDamagedRow, "what the deal needs would be lost")
	_, err = table.PutIf(ctx, "b", about{}, store.NoVersion)
	require.ErrorIs(t, err, store.ErrDamagedRow)
	require.NoError(t, table.Put(ctx, "a", about{Text: "new"}), "no deal needs it")
	require.NoError(t, db.SetAside(ctx, db.Damaged()[0]))
	require.NoError(t, db.Close())

	db = k.open(t, at, schema)
	require.Empty(t, db.Damaged())
	aside, total, err := db.Aside(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, total)
	require.Equal(t, []string{"b", "a"}, []string{aside[0].Key, aside[1].Key})
	n, err := db.AsideOf(ctx, "deals")
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func cancelled(t *testing.T, k Kind) {
	table := store.NewTable[int](k.open(t, k.New(t), nil), "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, table.Put(ctx, "k", 1), context.Canceled)
	_, err := table.Get(ctx, "k")
	require.ErrorIs(t, err, context.Canceled)
	_, err = table.Get(t.Context(), "k")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}
