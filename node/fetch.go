package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob"
)

// fetcher pulls blobs for one role.
type fetcher struct {
	blobs  blobs
	client *transfer.Client
	people *people
}

// pull claims the blob and brings it here from one peer.
func (f fetcher) pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	return f.pullFrom(ctx, transfer.From(from), id, size, progress)
}

// pullFrom claims the blob and brings it here from all that have it.
func (f fetcher) pullFrom(ctx context.Context, from transfer.Sources, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	if err := f.blobs.hold(ctx, id); err != nil {
		return err
	}
	_, err := f.client.PullFrom(ctx, from, id, size, progress) // it logs and counts who lied
	return err
}

// validatorFetcher is a fetcher as node/validator wants it.
type validatorFetcher struct{ fetcher }

// Fetch completes a blob from a source, found by its account if no peer is named.
func (f validatorFetcher) Fetch(ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	if from.Peer != "" {
		named, err := peer.Decode(from.Peer)
		if err != nil {
			return fmt.Errorf("peer %q: %w: %v", from.Peer, pdx.ErrInvalid, err)
		}
		return f.pull(ctx, named, id, size, progress)
	}
	found, err := f.people.find(ctx, from.Pool, from.Role, from.Account)
	if err != nil {
		return err
	}
	return f.pull(ctx, found, id, size, progress)
}

// buyerFetcher is a fetcher as node/buyer wants it.
type buyerFetcher struct{ fetcher }

// Fetch completes a blob from all its sources at once.
func (f buyerFetcher) Fetch(ctx context.Context, from buyer.Sources, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	return f.pullFrom(ctx, transfer.SourcesFunc(func(ctx context.Context, set func([]peer.ID)) {
		for ; ctx.Err() == nil; pause(ctx, sourcesEvery) {
			// Who cannot be found now may be found later; till then the others serve.
			found, err := from(ctx)
			if err != nil && len(found) == 0 {
				continue
			}
			set(peersIn(found))
		}
	}), id, size, progress)
}

// A batch of the buyer's fits into one call, and what it calls small is small.
const _ = uint(transfer.MaxMany-buyer.MaxBatch) + uint(blob.MaxSmall-buyer.SmallBlob)

// FetchMany brings small blobs from one source, in batches.
func (f buyerFetcher) FetchMany(ctx context.Context, from buyer.Source, ids []pdx.ContentID, progress func()) map[pdx.ContentID]error {
	all := func(err error) map[pdx.ContentID]error {
		failed := make(map[pdx.ContentID]error, len(ids))
		for _, id := range ids {
			failed[id] = err
		}
		return failed
	}
	id, err := peer.Decode(from.Peer)
	if err != nil {
		return all(fmt.Errorf("peer %q: %w: %v", from.Peer, pdx.ErrInvalid, err))
	}
	if err := f.blobs.hold(ctx, ids...); err != nil {
		return all(err)
	}
	failed, err := f.client.PullMany(ctx, id, ids, func(int, int) { progress() }) // it logs and counts who lied
	if err != nil && failed == nil {
		return all(err)
	}
	return failed
}

// sourcesEvery is how often a pull looks for more sources, or for who has come
// back: it costs a look-up of each account, most of them in a cache.
const sourcesEvery = 20 * time.Second

// peersIn are the machines of sources; a name that is none is left out.
func peersIn(sources []buyer.Source) []peer.ID {
	var ids []peer.ID
	for _, s := range sources {
		if id, err := peer.Decode(s.Peer); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// finder finds who has a deal's ciphertext, for node/buyer.
type finder struct{ people *people }

// Sources are the seller and the validators that promised availability, as far
// as they are reachable now.
func (f finder) Sources(ctx context.Context, d pdx.Deal) ([]buyer.Source, error) {
	var sources []buyer.Source
	add := func(role pdx.Role, account pdx.Address) {
		if id, err := f.people.find(ctx, d.Pool, role, account); err == nil {
			sources = append(sources, buyer.Source{Account: account, Peer: id.String()})
		}
	}
	add(pdx.RoleSeller, d.Seller)
	for _, c := range d.Accepted() {
		if c.Available {
			add(pdx.RoleValidator, c.Validator)
		}
	}
	return sources, ctx.Err()
}

// documents finds criteria and schemas: here, at the pool's buyer, or at whoever
// announces them.
type documents struct{ fetcher }

// Document is the document with that CID, of at most limit bytes.
func (d documents) Document(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error) {
	content, err := d.read(ctx, id, limit)
	if errors.Is(err, pdx.ErrCorrupt) { // another copy is good
		err = cmp.Or(d.blobs.Discard(ctx, id), pdx.ErrNotFound)
	}
	if !errors.Is(err, pdx.ErrNotFound) {
		return content, err
	}
	patience, cancel := context.WithTimeout(ctx, documentPatience)
	defer cancel()
	for {
		err = d.fromBuyer(patience, pool, id)
		if err == nil || d.fromHolders(patience, id) == nil {
			return d.read(ctx, id, limit)
		}
		if pause(patience, documentRetry); patience.Err() != nil {
			return nil, fmt.Errorf("document %s: %w", id, err)
		}
	}
}

const (
	// documentPatience is what it may take until a buyer that has just opened its
	// pool can be found.
	documentPatience = 20 * time.Second
	documentRetry    = 500 * time.Millisecond
)

func (d documents) fromBuyer(ctx context.Context, pool pdx.Pool, id pdx.ContentID) error {
	from, err := d.people.find(ctx, pool.ID, pdx.RoleBuyer, pool.Buyer)
	if err != nil {
		return err
	}
	return d.pull(ctx, from, id, 0, nil)
}

// fromHolders asks those who announce a blob; nil when one had it.
func (d documents) fromHolders(ctx context.Context, id pdx.ContentID) error {
	holders, err := d.people.discovery.FindContent(ctx, id)
	if err != nil {
		return err
	}
	var ids []peer.ID
	for _, h := range holders {
		d.people.host.Peerstore().AddAddrs(h.ID, h.Addrs, peerstore.TempAddrTTL)
		ids = append(ids, h.ID)
	}
	if len(ids) == 0 {
		return fmt.Errorf("holders of %s: %w: nobody announces it", id, pdx.ErrUnavailable)
	}
	return d.pullFrom(ctx, transfer.From(ids...), id, 0, nil)
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
		return nil, fmt.Errorf("document %s: %w: it has rotted on this disk", id, pdx.ErrCorrupt)
	}
	return content, nil
}
