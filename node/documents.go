package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/transfer"
)

const (
	// documentPatience bounds the search for a buyer that has just opened its pool.
	documentPatience = 20 * time.Second
	documentRetry    = 500 * time.Millisecond
)

// documents finds criteria and schemas in the local store, at the pool's buyer, or at
// peers that announce them. Their CIDs prove what they are, so that it does not matter who
// serves them: nobody is greeted, and no peer learns which account wants to read them. What
// it fetches is in the cache.
type documents struct {
	fetcher
	cache *documentCache
}

// Document returns the document with that CID, of at most limit bytes.
func (d documents) Document(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error) {
	content, err := d.read(ctx, id, limit)
	if errors.Is(err, pdx.ErrCorrupt) { // another copy may be whole
		err = cmp.Or(d.blobs.Discard(ctx, id), pdx.ErrNotFound)
	}
	if !errors.Is(err, pdx.ErrNotFound) {
		d.cache.used(ctx, id)
		return content, err
	}
	if err := d.cache.begin(ctx, id); err != nil {
		return nil, fmt.Errorf("document %s: %w", id, err)
	}
	content, err = d.fetch(ctx, pool, id, limit)
	if err := d.cache.end(ctx, id, uint64(len(content)), err); err != nil {
		return nil, fmt.Errorf("document %s: %w", id, err)
	}
	return content, nil
}

// fetch fetches a document that is not here.
func (d documents) fetch(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error) {
	patience, cancel := context.WithTimeout(ctx, documentPatience)
	defer cancel()
	for {
		err := d.pullDocument(patience, pool.ID, pool.Buyer, id)
		if err == nil {
			return d.read(ctx, id, limit)
		}
		if lifecycle.Sleep(patience, documentRetry) != nil {
			return nil, err
		}
	}
}

// pullDocument pulls a document from the peers that may have it: from the buyer's, if it
// is known and connected, or else from all that announce themselves as the buyer or the
// document, and from connected ones, for an unlisted buyer announces nothing.
func (d documents) pullDocument(ctx context.Context, pool pdx.PoolID, buyer pdx.Address, id pdx.ContentID) error {
	if at, ok := d.peers.Connected(buyer); ok && d.pullFrom(ctx, transfer.From(at), id, 0, nil) == nil {
		return nil
	}
	holders := d.peers.Holders(ctx, pool, id)
	if len(holders) == 0 {
		return fmt.Errorf("document %s: %w: no peer announces it", id, pdx.ErrUnavailable)
	}
	return d.pullFrom(ctx, transfer.From(holders...), id, 0, nil)
}

func (d documents) read(ctx context.Context, id pdx.ContentID, limit int) ([]byte, error) {
	r, err := d.blobs.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > limit:
		return nil, fmt.Errorf("document %s: %w: more than %d bytes", id, pdx.ErrInvalid, limit)
	case blake3.Sum256(content) != id:
		return nil, fmt.Errorf("document %s: %w: the copy on this disk is damaged", id, pdx.ErrCorrupt)
	}
	return content, nil
}
