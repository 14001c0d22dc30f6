package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// cacheBench is a document cache with the store below it.
type cacheBench struct {
	t     *testing.T
	kept  blob.Store
	share func(pdx.Role) blobs
	table *store.Table[cachedDocument]
	cache *documentCache
}

func newCacheBench(t *testing.T, most uint64) *cacheBench {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	b := &cacheBench{t: t, kept: mem.New(), table: store.NewTable[cachedDocument](db, documentsTable)}
	b.share = shares(b.kept, store.NewTable[ref](db, refsTable))
	b.restart(most)
	return b
}

func (b *cacheBench) restart(most uint64) {
	b.cache = newDocumentCache(b.share(roleDocuments), b.table, most, slog.New(slog.DiscardHandler))
}

// fetch stores a document as a fetch of it does.
func (b *cacheBench) fetch(text string) pdx.ContentID {
	ctx := b.t.Context()
	id, err := b.cache.blobs.Put(ctx, []byte(text)) // learns its id
	require.NoError(b.t, err)
	require.NoError(b.t, b.cache.blobs.Delete(ctx, id))
	require.NoError(b.t, b.cache.begin(ctx, id))
	row, err := b.table.Get(ctx, id.String())
	require.NoError(b.t, err, "it is recorded before it is fetched")
	require.EqualValues(b.t, maxDocument, row.Size)
	_, err = b.cache.blobs.Put(ctx, []byte(text))
	require.NoError(b.t, err)
	require.NoError(b.t, b.cache.end(ctx, id, uint64(len(text)), nil))
	return id
}

func (b *cacheBench) has(id pdx.ContentID) bool {
	_, err := b.kept.Stat(b.t.Context(), id)
	return err == nil
}

// Hostile pools make a node look at ever more schemas: those that were used last stay, within
// the bound.
func TestDocumentsAreACache(t *testing.T) {
	const most = maxDocument + 3*leastDocument
	b := newCacheBench(t, most)
	used := b.fetch("used")
	var others []pdx.ContentID
	for i := range 64 {
		others = append(others, b.fetch(fmt.Sprint("schema", i)))
		if i == 30 { // the process dies
			b.restart(most)
		}
		b.cache.used(t.Context(), used)
		require.LessOrEqual(t, b.cache.bytes, uint64(most))
	}
	require.True(t, b.has(used))
	here := 0
	for _, id := range others {
		if b.has(id) {
			here++
		}
	}
	require.Equal(t, 3, here)
	require.True(t, b.has(others[63]), "the last one stays")
	rows, err := b.table.Range(t.Context(), store.Query{})
	require.NoError(t, err)
	require.Len(t, rows, here+1)
}

// What could not be fetched leaves nothing, and space that is taken by fetches is not given
// to another.
func TestDocumentsThatCannotBeHad(t *testing.T) {
	b := newCacheBench(t, maxDocument+leastDocument)
	failed := errors.New("nobody has it")
	id := pdx.ContentID{1}
	require.NoError(t, b.cache.begin(t.Context(), id))
	require.ErrorIs(t, b.cache.begin(t.Context(), pdx.ContentID{2}), pdx.ErrUnavailable)
	require.NoError(t, b.cache.begin(t.Context(), id), "the same again needs no more")
	require.ErrorIs(t, b.cache.end(t.Context(), id, 0, failed), failed)
	require.ErrorIs(t, b.cache.end(t.Context(), id, 0, failed), failed)
	rows, err := b.table.Range(t.Context(), store.Query{})
	require.NoError(t, err)
	require.Empty(t, rows)
	require.Zero(t, b.cache.bytes)
	require.NoError(t, b.cache.begin(t.Context(), pdx.ContentID{2}))
}

// What a role needs by itself stays when it falls out of the cache, and what older programs
// left for the seller falls out as well.
func TestDocumentsOfRolesAndOfOlderPrograms(t *testing.T) {
	b := newCacheBench(t, maxDocument+leastDocument)
	ctx, buyer, seller := t.Context(), b.share(pdx.RoleBuyer), b.share(pdx.RoleSeller)
	own := b.fetch("criteria of an own pool")
	require.NoError(t, buyer.hold(ctx, own))
	old := map[pdx.ContentID]bool{}
	for i := range 10 {
		id, err := seller.Put(ctx, fmt.Append(nil, "left by an older program", i))
		require.NoError(t, err)
		old[id] = true
	}
	w, err := seller.Create(ctx)
	require.NoError(t, err)
	_, err = w.Write([]byte("ciphertext"))
	require.NoError(t, err)
	ciphertext, _, err := w.Commit(ctx)
	require.NoError(t, err)
	there := map[pdx.ContentID]bool{own: true, ciphertext: true}
	for id := range old {
		there[id] = true
	}
	require.NoError(t, b.cache.adopt(ctx, seller, there))
	require.NoError(t, b.cache.adopt(context.WithoutCancel(ctx), seller, there), "again")
	b.fetch("new") // takes the space of all others
	for id := range old {
		require.False(t, b.has(id))
	}
	require.True(t, b.has(own))
	require.True(t, b.has(ciphertext))
}

func TestSplitQuota(t *testing.T) {
	for quota, want := range map[uint64][2]uint64{
		100 << 30: {98 << 30, 1 << 30}, 1 << 30: {768 << 20, 128 << 20}, 1 << 20: {1 << 19, 32 << 20},
	} {
		ciphertext, documents := splitQuota(quota)
		require.Equal(t, want, [2]uint64{ciphertext, documents})
	}
}
