package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/content"
)

// claim says which roles of this node need a blob.
type claim struct {
	Roles []pdx.Role
	// Sealed says that this node made it out of somebody's data.
	Sealed bool
}

// blobs is one role's share of the node's blob store. All roles share one
// store; a blob goes when the last role that claimed it deletes it.
type blobs struct {
	role   pdx.Role
	store  blob.Store
	claims *store.Table[claim]
}

// hold claims blobs before anything of them is stored.
func (b blobs) hold(ctx context.Context, ids ...pdx.ContentID) error {
	return b.change(ctx, func(c claim) claim { return c.with(b.role) }, ids...)
}

// with is the claim of one more role.
func (c claim) with(role pdx.Role) claim {
	if !slices.Contains(c.Roles, role) {
		c.Roles = append(c.Roles, role)
	}
	return c
}

// change changes claims, which are empty where there are none.
func (b blobs) change(ctx context.Context, how func(claim) claim, ids ...pdx.ContentID) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	return b.claims.ChangeAll(ctx, keys, how)
}

// Open reads a complete blob from its beginning.
func (b blobs) Open(ctx context.Context, id pdx.ContentID) (io.ReadCloser, error) {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return blobReader{io.NewSectionReader(opened, 0, int64(opened.Size())), opened}, nil
}

// blobReader reads an open blob and closes it.
type blobReader struct {
	io.Reader
	io.Closer
}

// Slice is the slice of one segment of a complete blob, verified.
func (b blobs) Slice(ctx context.Context, id pdx.ContentID, segment uint64) ([]byte, error) {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var slice bytes.Buffer
	err = opened.WriteSlice(&slice, content.Range{First: segment, Count: 1})
	return slice.Bytes(), err
}

// Held is how much of a blob is here.
func (b blobs) Held(ctx context.Context, id pdx.ContentID) (uint64, bool, error) {
	info, err := b.store.Stat(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) {
		return 0, false, nil
	}
	return info.Held, info.Complete, err
}

// Put stores a document.
func (b blobs) Put(ctx context.Context, content []byte) (pdx.ContentID, error) {
	w, err := b.store.Create(ctx)
	if err != nil {
		return pdx.ContentID{}, err
	}
	defer w.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		return pdx.ContentID{}, err
	}
	info, err := w.Commit(ctx)
	if err != nil {
		return pdx.ContentID{}, err
	}
	return info.ID, b.hold(ctx, info.ID)
}

// Delete gives up this role's claim and removes a blob that nobody claims.
func (b blobs) Delete(ctx context.Context, id pdx.ContentID) error {
	free := false
	err := b.change(ctx, func(c claim) claim {
		c.Roles = slices.DeleteFunc(c.Roles, func(r pdx.Role) bool { return r == b.role })
		free = len(c.Roles) == 0
		return c
	}, id)
	if err != nil || !free {
		return err
	}
	if err := b.store.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("delete blob %s: %w", id, err)
	}
	return b.claims.Delete(ctx, id.String())
}

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

// Check is nil if a blob could be served now.
func (b blobs) Check(ctx context.Context, id pdx.ContentID) error {
	opened, err := b.store.Open(ctx, id)
	if err != nil {
		return err
	}
	return opened.Close()
}

// Sweep removes what crashes left: blobs that nobody claims, and those that were
// sealed here for this role and that keep does not want. Documents stay: they are
// claimed before they are pulled. Nothing else may use the store meanwhile: a
// blob that was committed a moment ago is not claimed yet.
func (b blobs) Sweep(ctx context.Context, keep func(pdx.ContentID) bool) (failed error) {
	var unclaimed []pdx.ContentID
	for info, err := range b.store.List(ctx) {
		if info.ID == (pdx.ContentID{}) && err != nil {
			return err // the list itself
		}
		if keep(info.ID) {
			continue
		}
		c, err := b.claims.Get(ctx, info.ID.String())
		switch {
		case errors.Is(err, pdx.ErrNotFound):
			unclaimed = append(unclaimed, info.ID)
		case err != nil:
			failed = errors.Join(failed, err)
		case c.Sealed && slices.Contains(c.Roles, b.role):
			failed = errors.Join(failed, b.Delete(ctx, info.ID))
		}
	}
	return errors.Join(failed, b.store.DeleteMany(ctx, unclaimed))
}

// claimingWriter claims what it commits.
type claimingWriter struct {
	blob.Writer
	blobs blobs
}

// Commit makes the blob durable and claimed.
func (w *claimingWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	info, err := w.Writer.Commit(ctx)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	return info.ID, info.Size, w.blobs.change(ctx, func(c claim) claim {
		c.Sealed = true
		return c.with(w.blobs.role)
	}, info.ID)
}
