package node

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	blobfs "github.com/medibloc/pdx/transfer/blob/fs"
)

// TestRottenBlobIsNamedAndMadeAgain flips a bit on the disk. Who pulls the blob finds it
// out; the roles are told which segment it is, health names the blob, and when it is here
// again health is silent.
func TestRottenBlobIsNamedAndMadeAgain(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	kept, err := blobfs.Open(filepath.Join(dir, "blobs"))
	require.NoError(t, err)
	defer kept.Close()
	share := shares(kept, store.NewTable[ref](db, refsTable))
	type report struct {
		id      pdx.ContentID
		segment uint64
	}
	told := make(chan report, 10)
	u := &unreadable{
		blobs: share(pdx.RoleSeller), log: slog.New(slog.DiscardHandler),
		repaired: func(_ context.Context, id pdx.ContentID, segment uint64) { told <- report{id, segment} },
	}
	content := bytes.Repeat([]byte("ciphertext "), 40_000) // 7 segments
	id, err := share(pdx.RoleValidator).Put(ctx, content)
	require.NoError(t, err)
	serve := func() error {
		opened, err := servedStore{kept, u}.Open(ctx, id)
		if err != nil {
			return err
		}
		defer opened.Close()
		return opened.WriteSlice(io.Discard, bao.All(opened.Size()))
	}
	require.NoError(t, serve())
	require.Empty(t, u.health(ctx))

	flip(t, filepath.Join(dir, "blobs"), len(content), 3*bao.SegmentSize+17)
	require.ErrorIs(t, serve(), pdx.ErrCorrupt)
	require.Equal(t, report{id, 3}, <-told)
	_, err = kept.Open(ctx, id)
	require.ErrorIs(t, err, pdx.ErrNotFound, "so that it is made or pulled again")
	list := u.health(ctx)
	require.Len(t, list, 1)
	require.False(t, list[0].OK)
	require.Contains(t, list[0].Message, id.String())
	require.Contains(t, list[0].Message, "check the disk")

	_, err = share(pdx.RoleValidator).Put(ctx, content)
	require.NoError(t, err)
	require.NoError(t, serve())
	require.Empty(t, u.health(ctx), "it is whole again")
	require.Empty(t, told)
}

// flip changes a byte of the only file with that many bytes.
func flip(t *testing.T, dir string, size, at int) {
	t.Helper()
	flipped := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			return nil
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		if len(raw) == size {
			raw[at] ^= 1
			flipped++
			require.NoError(t, os.WriteFile(path, raw, 0o600))
		}
		return nil
	}))
	require.Equal(t, 1, flipped)
}
