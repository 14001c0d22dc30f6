package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/transfer/blob"
)

// Create begins a blob for the seller.
func (b blobs) Create(ctx context.Context) (seller.BlobWriter, error) {
	return b.claiming(b.store.Create(ctx))
}

// CreateTree begins a blob for the seller of which only the tree is kept.
func (b blobs) CreateTree(ctx context.Context) (seller.BlobWriter, error) {
	return b.claiming(b.store.CreateTree(ctx))
}

func (b blobs) claiming(w blob.Writer, err error) (seller.BlobWriter, error) {
	if err != nil {
		return nil, err
	}
	return &claimingWriter{w, b}, nil
}

// claimingWriter claims what it commits.
type claimingWriter struct {
	blob.Writer
	blobs blobs
}

// Commit makes the blob durable and claimed. Its id is known only now, so it
// can be claimed only after it is in the store; pdx.ErrUnavailable if another
// role deleted the same blob in between.
func (w *claimingWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	info, err := w.Writer.Commit(ctx)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	release, err := w.blobs.lock(ctx, info.ID)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	defer release()
	err = w.blobs.change(ctx, func(c claim) claim {
		c.Sealed = true
		return c.with(w.blobs.role)
	}, info.ID)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	if _, err := w.blobs.store.Stat(ctx, info.ID); errors.Is(err, pdx.ErrNotFound) {
		return pdx.ContentID{}, 0, fmt.Errorf("store blob %s: %w: it was deleted in the same moment; store it again", info.ID, pdx.ErrUnavailable)
	} else if err != nil {
		return pdx.ContentID{}, 0, err
	}
	return info.ID, info.Size, nil
}
