//go:build linux

package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// checkBlobs waits until every node has let go of every ciphertext: of deals that have
// ended, and of what never became a deal. Only the documents of pools may stay.
func (w *world) checkBlobs() {
	w.t.Helper()
	documents := map[pdx.ContentID]bool{}
	for _, id := range w.pools {
		pool, err := w.market.Chain.Pool(w.t.Context(), pdx.PoolID(id))
		w.market.Must(err, "read a pool")
		documents[pool.Criteria] = true
	}
	w.market.Until(patience, "no ciphertext is left over", func(ctx context.Context) error {
		for _, n := range w.market.Fleet.Members() {
			left, err := blobsIn(ctx, filepath.Join(n.Home, "blobs"))
			if err != nil {
				return fmt.Errorf("%s: %w", n.Name, err)
			}
			for _, id := range left {
				if !documents[id] {
					return fmt.Errorf("%s still has blob %s of %d", n.Name, id, len(left))
				}
			}
		}
		return nil
	})
}

// blobsIn returns the blobs of a store that a running node has open, whole or not: those of
// a copy.
func blobsIn(ctx context.Context, folder string) (ids []pdx.ContentID, err error) {
	copied, err := os.MkdirTemp("", "pdx-soak-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copied)) }()
	if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
		return nil, err // a blob that is deleted just now: the next look is whole
	}
	store, err := fs.Open(copied)
	if err != nil {
		return nil, err
	}
	for info, err := range store.List(ctx) {
		if err != nil {
			return nil, errors.Join(err, store.Close())
		}
		ids = append(ids, info.ID)
	}
	return ids, store.Close()
}
