package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/transfer/blob"
)

// Create starts a blob for the seller.
func (b blobs) Create(ctx context.Context) (seller.BlobWriter, error) {
	return b.withRef(b.store.Create(ctx))
}

// CreateTree starts a blob for the seller of which only the tree is stored.
func (b blobs) CreateTree(ctx context.Context) (seller.BlobWriter, error) {
	return b.withRef(b.store.CreateTree(ctx))
}

func (b blobs) withRef(w blob.Writer, err error) (seller.BlobWriter, error) {
	if err != nil {
		return nil, err
	}
	return &refWriter{w, b}, nil
}

// A refWriter adds a ref to the blob that it commits.
type refWriter struct {
	blob.Writer
	blobs blobs
}

// Commit makes the blob durable and adds a ref. The id is known only after the commit, so
// the ref comes second; Commit returns pdx.ErrUnavailable if another role deleted the
// same blob in between.
func (w *refWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	info, err := w.Writer.Commit(ctx)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	release, err := w.blobs.lock(ctx, info.ID)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	defer release()
	err = w.blobs.change(ctx, func(c ref) ref {
		c.Sealed = true
		return c.with(w.blobs.role)
	}, info.ID)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	if _, err := w.blobs.store.Stat(ctx, info.ID); errors.Is(err, pdx.ErrNotFound) {
		return pdx.ContentID{}, 0, fmt.Errorf("store blob %s: %w: deleted at the same moment: store it again", info.ID, pdx.ErrUnavailable)
	} else if err != nil {
		return pdx.ContentID{}, 0, err
	}
	return info.ID, info.Size, nil
}
