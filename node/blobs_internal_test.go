package node

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// shares returns the roles' shares of one store.
func shares(s blob.Store, refs *store.Table[ref]) func(pdx.Role) blobs {
	locks := keylock.New[pdx.ContentID]()
	return func(role pdx.Role) blobs { return blobs{role: role, store: s, refs: refs, locks: locks} }
}

// TestABlobIsDeletedWithItsLastRef has two roles of one node hold the same blob.
func TestABlobIsDeletedWithItsLastRef(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	refs, kept := store.NewTable[ref](db, "blob_claims"), mem.New()
	share := shares(kept, refs)
	buyer, validator := share(pdx.RoleBuyer), share(pdx.RoleValidator)

	id, err := buyer.Put(ctx, []byte("criteria"))
	require.NoError(t, err)
	require.NoError(t, validator.hold(ctx, id))
	require.NoError(t, buyer.Delete(ctx, id))
	require.NoError(t, buyer.Delete(ctx, id), "twice is once")

	r, err := validator.Open(ctx, id)
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, "criteria", string(content))
	held, whole, err := validator.Held(ctx, id)
	require.NoError(t, err)
	require.True(t, whole)
	require.EqualValues(t, len(content), held)

	require.NoError(t, validator.Delete(ctx, id))
	_, err = validator.Open(ctx, id)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	held, whole, err = validator.Held(ctx, id)
	require.NoError(t, err)
	require.False(t, whole)
	require.Zero(t, held)
	require.NoError(t, validator.Delete(ctx, id), "what is not there can be deleted")
}

// TestSweepLeavesWhatIsNeeded has every kind of leftover beside what is in use.
func TestSweepLeavesWhatIsNeeded(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	kept := mem.New()
	share := shares(kept, store.NewTable[ref](db, "blob_claims"))
	seller, buyer := share(pdx.RoleSeller), share(pdx.RoleBuyer)
	seal := func(text string) pdx.ContentID {
		w, err := seller.Create(ctx)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		id, _, err := w.Commit(ctx)
		require.NoError(t, err)
		return id
	}
	onSale, forgotten, bought := seal("on sale"), seal("forgotten"), seal("forgotten, but bought here too")
	require.NoError(t, buyer.hold(ctx, bought))
	document, err := seller.Put(ctx, []byte("criteria"))
	require.NoError(t, err)
	w, err := kept.Create(ctx) // the power went before it was claimed
	require.NoError(t, err)
	_, err = io.WriteString(w, "unused")
	require.NoError(t, err)
	unused, err := w.Commit(ctx)
	require.NoError(t, err)

	require.NoError(t, seller.Sweep(ctx, func(id pdx.ContentID) bool { return id == onSale }))
	for id, there := range map[pdx.ContentID]bool{onSale: true, document: true, bought: true, forgotten: false, unused.ID: false} {
		_, err := kept.Stat(ctx, id)
		require.Equal(t, there, err == nil, "%v: %v", id, err)
	}
	require.NoError(t, seller.Check(ctx, onSale))
	require.ErrorIs(t, seller.Check(ctx, forgotten), pdx.ErrNotFound)
}

// TestCheckThrowsDamagedBlobsAway: what a role would serve has lost its end.
func TestCheckThrowsDamagedBlobsAway(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	s, err := fs.Open(filepath.Join(dir, "blobs"))
	require.NoError(t, err)
	defer s.Close()
	b := shares(s, store.NewTable[ref](db, "blob_claims"))(pdx.RoleSeller)
	id, err := b.Put(ctx, []byte("ciphertext"))
	require.NoError(t, err)
	require.NoError(t, b.Check(ctx, id))
	require.NoError(t, os.Truncate(filepath.Join(dir, "blobs", "blobs", id.String(), "data"), 3))
	require.ErrorIs(t, b.Check(ctx, id), pdx.ErrNotFound)
	_, err = s.Stat(ctx, id)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	again, err := b.Put(ctx, []byte("ciphertext"))
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.NoError(t, b.Check(ctx, id))
}
