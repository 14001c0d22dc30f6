package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// Documents is the store of one kind of document.
type Documents[T any] interface {
	Put(ctx context.Context, key string, value T) error
	PutAll(ctx context.Context, values map[string]T) error
	ChangeAll(ctx context.Context, keys []string, change func(T) T) error
	Get(ctx context.Context, key string) (T, error)
	Update(ctx context.Context, key string, change func(T) (T, error)) (T, error)
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]T, error)
	Count(ctx context.Context) (int, error)
}

// Vault is the store of secrets.
type Vault interface {
	Put(ctx context.Context, name string, value []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
	Delete(ctx context.Context, name string) error
}

// Doc is the document that RunTable stores.
type Doc struct {
	Name   string
	Count  uint64
	Hash   []byte
	Nested map[string]int
}

// RunTable runs the contract of documents; fresh gives an empty table.
func RunTable(t *testing.T, fresh func(t *testing.T) Documents[Doc]) {
	for name, test := range map[string]func(*testing.T, Documents[Doc]){
		"what was put is got":               putGet,
		"an absent key is not found":        absent,
		"all are in the order of keys":      ordered,
		"an update is all or nothing":       update,
		"many are put or none":              putAll,
		"many are changed or none":          changeAll,
		"updates at once lose none":         concurrent,
		"an empty key is refused":           emptyKey,
		"what was got is the caller's copy": ownCopy,
		"no peer's request reads it whole":  noScan,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func putGet(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	want := Doc{Name: "a", Count: 1<<64 - 1, Hash: []byte{0, 255}, Nested: map[string]int{"x": -1}}
	require.NoError(t, table.Put(ctx, "k/ü ?%", Doc{Name: "before"}))
	require.NoError(t, table.Put(ctx, "k/ü ?%", want))
	got, err := table.Get(ctx, "k/ü ?%")
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, table.Delete(ctx, "k/ü ?%"))
	_, err = table.Get(ctx, "k/ü ?%")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func absent(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	_, err := table.Get(ctx, "no")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	_, err = table.Update(ctx, "no", func(d Doc) (Doc, error) { return d, nil })
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.NoError(t, table.Delete(ctx, "no"))
	all, err := table.All(ctx)
	require.NoError(t, err)
	require.Empty(t, all)
}

func ordered(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	for _, key := range []string{"b", "a", "c", "B"} {
		require.NoError(t, table.Put(ctx, key, Doc{Name: key}))
	}
	all, err := table.All(ctx)
	require.NoError(t, err)
	require.Equal(t, []Doc{{Name: "B"}, {Name: "a"}, {Name: "b"}, {Name: "c"}}, all)
	n, err := table.Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

func update(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	require.NoError(t, table.Put(ctx, "k", Doc{Count: 1}))
	got, err := table.Update(ctx, "k", func(d Doc) (Doc, error) { d.Count++; return d, nil })
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Count)

	no := errors.New("no")
	_, err = table.Update(ctx, "k", func(d Doc) (Doc, error) { d.Count = 99; return d, no })
	require.ErrorIs(t, err, no)
	got, err = table.Get(ctx, "k")
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Count)
}

func putAll(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	require.NoError(t, table.PutAll(ctx, nil))
	require.NoError(t, table.PutAll(ctx, map[string]Doc{"a": {Count: 1}, "b": {Count: 2}}))
	require.ErrorIs(t, table.PutAll(ctx, map[string]Doc{"a": {Count: 9}, "c": {}, "": {}}), pdx.ErrInvalid)
	all, err := table.All(ctx)
	require.NoError(t, err)
	require.Equal(t, []Doc{{Count: 1}, {Count: 2}}, all)
}

func changeAll(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	require.NoError(t, table.Put(ctx, "a", Doc{Count: 1}))
	more := func(d Doc) Doc { d.Count++; return d }
	require.NoError(t, table.ChangeAll(ctx, []string{"a", "b", "a"}, more))
	require.ErrorIs(t, table.ChangeAll(ctx, []string{"a", ""}, more), pdx.ErrInvalid)
	all, err := table.All(ctx)
	require.NoError(t, err)
	require.Equal(t, []Doc{{Count: 3}, {Count: 1}}, all)
}

func concurrent(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	require.NoError(t, table.Put(ctx, "k", Doc{}))
	const workers, each = 8, 5
	var wg sync.WaitGroup
	failures := make(chan error, workers*each)
	for range workers {
		wg.Go(func() {
			for range each {
				_, err := table.Update(ctx, "k", func(d Doc) (Doc, error) { d.Count++; return d, nil })
				failures <- err
			}
		})
	}
	wg.Wait()
	for range workers * each {
		require.NoError(t, <-failures)
	}
	got, err := table.Get(ctx, "k")
	require.NoError(t, err)
	require.EqualValues(t, workers*each, got.Count)
}

func emptyKey(t *testing.T, table Documents[Doc]) {
	require.ErrorIs(t, table.Put(t.Context(), "", Doc{}), pdx.ErrInvalid)
}

func ownCopy(t *testing.T, table Documents[Doc]) {
	ctx := t.Context()
	mine := Doc{Nested: map[string]int{"x": 1}}
	require.NoError(t, table.Put(ctx, "k", mine))
	mine.Nested["x"] = 2
	got, err := table.Get(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, 1, got.Nested["x"])
	got.Nested["x"] = 3
	got, err = table.Get(ctx, "k")
	require.NoError(t, err)
	require.Equal(t, 1, got.Nested["x"])
}

// RunSecrets runs the contract of secrets; fresh gives an empty vault.
func RunSecrets(t *testing.T, fresh func(t *testing.T) Vault) {
	t.Run("what was put is got", func(t *testing.T) {
		vault := fresh(t)
		for i, value := range [][]byte{{}, {0}, bytes.Repeat([]byte{7}, 4096)} {
			name := fmt.Sprintf("a/%d", i)
			require.NoError(t, vault.Put(t.Context(), name, []byte("before")))
			require.NoError(t, vault.Put(t.Context(), name, value))
			got, err := vault.Get(t.Context(), name)
			require.NoError(t, err)
			require.True(t, bytes.Equal(value, got))
		}
	})
	t.Run("an absent name is not found", func(t *testing.T) {
		vault := fresh(t)
		require.NoError(t, vault.Delete(t.Context(), "no"))
		require.NoError(t, vault.Put(t.Context(), "a", []byte{1}))
		require.NoError(t, vault.Delete(t.Context(), "a"))
		_, err := vault.Get(t.Context(), "a")
		require.ErrorIs(t, err, pdx.ErrNotFound)
	})
	t.Run("an empty name is refused", func(t *testing.T) {
		require.ErrorIs(t, fresh(t).Put(t.Context(), "", nil), pdx.ErrInvalid)
	})
}

func noScan(t *testing.T, table Documents[Doc]) {
	require.NoError(t, table.Put(t.Context(), "a", Doc{Name: "a"}))
	ctx, cancel := context.WithCancel(context.WithoutCancel(store.Serving(t.Context())))
	defer cancel()
	_, err := table.All(ctx)
	require.ErrorIs(t, err, store.ErrScan)
	_, err = table.Count(ctx)
	require.ErrorIs(t, err, store.ErrScan)
	got, err := table.Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, "a", got.Name)
}
