package node

import (
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// TestABlobGoesWithItsLastClaim has two roles of one node hold the same blob.
func TestABlobGoesWithItsLastClaim(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "node.db"))
	require.NoError(t, err)
	defer db.Close()
	claims, kept := store.NewTable[claim](db, "blob_claims"), mem.New()
	share := func(role pdx.Role) blobs { return blobs{role: role, store: kept, claims: claims} }
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
