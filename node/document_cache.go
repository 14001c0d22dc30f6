package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

const (
	// roleDocuments holds the refs of documents in the cache. It is not a role on chain.
	roleDocuments = pdx.Role("documents")
	// documentsTable holds what is in the cache, by content id.
	documentsTable = "documents"
	// documentTouch is how far the stored time of the last use may lag behind.
	documentTouch = time.Hour

	// documentShare is the part of the quota that the cache may have, and the validator's
	// documents once more: 1/documentShare, between leastDocuments and mostDocuments bytes.
	documentShare  = 8
	leastDocuments = 32 << 20
	mostDocuments  = 1 << 30

	// leastDocument is what a document counts at least, in bytes: it bounds their number.
	leastDocument = 64 << 10
)

// splitQuota divides the bytes that peers may make this node store: ciphertext that a
// validator keeps, and documents, the latter twice.
func splitQuota(quota uint64) (ciphertext, documents uint64) {
	documents = max(leastDocuments, min(quota/documentShare, mostDocuments))
	return quota - min(2*documents, quota/2), documents
}

// A cachedDocument is a row of the cache.
type cachedDocument struct {
	ID   pdx.ContentID
	Size uint64 // bytes; until they are here, the most that there may be
	Used time.Time
}

// documentCache keeps criteria and schemas that this node fetched from others, up to a
// number of bytes: those that were used last. A document is in it before its first byte is
// stored, so that nothing is stored that does not count. Roles that need a document for
// their deals have refs of their own.
type documentCache struct {
	blobs blobs // of roleDocuments
	table *store.Table[cachedDocument]
	most  uint64
	log   *slog.Logger

	mu      sync.Mutex
	loaded  bool
	rows    map[pdx.ContentID]cachedDocument
	bytes   uint64
	busy    map[pdx.ContentID]int // fetches under way
	written map[pdx.ContentID]time.Time
}

func newDocumentCache(b blobs, table *store.Table[cachedDocument], most uint64, log *slog.Logger) *documentCache {
	return &documentCache{
		blobs: b, table: table, most: most, log: log, rows: map[pdx.ContentID]cachedDocument{},
		busy: map[pdx.ContentID]int{}, written: map[pdx.ContentID]time.Time{},
	}
}

// load reads the table once; it is bounded as the cache is. The caller holds mu.
func (c *documentCache) load(ctx context.Context) error {
	if c.loaded {
		return nil
	}
	all, err := c.table.Range(ctx, store.Query{})
	if err != nil {
		return err
	}
	for _, d := range all {
		c.rows[d.ID], c.written[d.ID] = d, d.Used
		c.bytes += d.Size
	}
	c.loaded = true
	return nil
}

// begin makes space for a document that is to be fetched, and records it. The caller calls
// end when the fetch is over. pdx.ErrUnavailable if all space is taken by fetches under way.
func (c *documentCache) begin(ctx context.Context, id pdx.ContentID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(ctx); err != nil {
		return err
	}
	if _, known := c.rows[id]; !known {
		if err := c.shrink(ctx, c.most-min(c.most, maxDocument)); err != nil {
			return err
		}
	}
	if err := c.put(ctx, cachedDocument{ID: id, Size: max(maxDocument, c.rows[id].Size), Used: time.Now().UTC()}); err != nil {
		return err
	}
	c.busy[id]++
	return nil
}

// end records how large a document is that was to be fetched, or lets go of it with what is
// here of it if it could not be had.
func (c *documentCache) end(ctx context.Context, id pdx.ContentID, size uint64, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[id]--; c.busy[id] > 0 {
		return err // the last fetch knows
	}
	delete(c.busy, id)
	if err != nil {
		return errors.Join(err, c.drop(context.WithoutCancel(ctx), id))
	}
	return c.put(ctx, cachedDocument{ID: id, Size: max(size, leastDocument), Used: time.Now().UTC()})
}

// used notes that a document was read, if it is in the cache.
func (c *documentCache) used(ctx context.Context, id pdx.ContentID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(ctx); err != nil {
		return // the next fetch says so
	}
	d, known := c.rows[id]
	if !known {
		return
	}
	d.Used = time.Now().UTC()
	if d.Used.Sub(c.written[id]) < documentTouch {
		c.rows[id] = d
		return
	}
	if err := c.put(ctx, d); err != nil {
		c.log.WarnContext(ctx, "cannot record that a document was used", "cid", id, "error", err)
	}
}

// adopt takes documents into the cache that nobody needs: those that an older program stored
// for the seller and never deleted, and those whose row was damaged.
func (c *documentCache) adopt(ctx context.Context, seller blobs, ids map[pdx.ContentID]bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(ctx); err != nil {
		return err
	}
	for id := range ids {
		r, err := seller.refs.Get(ctx, id.String())
		if _, known := c.rows[id]; known || err != nil || r.Sealed || !r.has(seller.role) && !r.has(roleDocuments) {
			continue // no document, or a damaged ref, which keeps its blob
		}
		info, err := seller.store.Stat(ctx, id)
		if err != nil || info.Size > maxDocument {
			continue
		}
		if err := c.put(ctx, cachedDocument{ID: id, Size: max(info.Size, leastDocument)}); err != nil {
			return err
		}
		if err := c.blobs.hold(ctx, id); err != nil {
			return err
		}
		if err := seller.Delete(ctx, id); err != nil {
			return err
		}
	}
	return c.shrink(ctx, c.most)
}

// shrink deletes the documents that were not used for longest until at most left bytes are
// there. The caller holds mu.
func (c *documentCache) shrink(ctx context.Context, left uint64) error {
	for c.bytes > left {
		var oldest *cachedDocument
		for id, d := range c.rows {
			if c.busy[id] == 0 && (oldest == nil || d.Used.Before(oldest.Used)) {
				oldest = &d
			}
		}
		if oldest == nil {
			return fmt.Errorf("%w: all space for documents of others, %d MiB, is taken by those on their way; raise validator.quota",
				pdx.ErrUnavailable, c.most>>20)
		}
		if err := c.drop(ctx, oldest.ID); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes a document: its bytes first, so that after a crash its row still counts. The
// caller holds mu.
func (c *documentCache) drop(ctx context.Context, id pdx.ContentID) error {
	if err := c.blobs.Delete(ctx, id); err != nil {
		return err
	}
	if err := c.table.Delete(ctx, id.String()); err != nil {
		return err
	}
	c.bytes -= c.rows[id].Size
	delete(c.rows, id)
	delete(c.written, id)
	return nil
}

// put writes a row. The caller holds mu.
func (c *documentCache) put(ctx context.Context, d cachedDocument) error {
	if err := c.table.Put(ctx, d.ID.String(), d); err != nil {
		return err
	}
	c.bytes += d.Size - c.rows[d.ID].Size
	c.rows[d.ID], c.written[d.ID] = d, d.Used
	return nil
}
