package node

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob"
)

// A fetcher pulls blobs for one role.
type fetcher struct {
	blobs  blobs
	client *transfer.Client
	peers  *peers.Directory
}

// introduce names this node's account to a holder of ciphertexts.
func (f fetcher) introduce(ctx context.Context, to peer.ID) {
	if f.peers != nil {
		f.peers.Introduce(ctx, to)
	}
}

// pull pulls a ciphertext from one peer, which serves it only to an account that it knows.
func (f fetcher) pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	f.introduce(ctx, from)
	return f.pullFrom(ctx, transfer.From(from), id, size, progress)
}

// pullFrom pulls a blob from all sources that have it.
func (f fetcher) pullFrom(
	ctx context.Context, from transfer.Sources, id pdx.ContentID, size uint64, progress func(held, total uint64),
) error {
	if err := f.blobs.hold(ctx, id); err != nil {
		return err
	}
	_, err := f.client.PullFrom(ctx, from, id, size, progress) // it logs and counts false data
	return err
}

// follow is pull, and has the blob read while it comes.
func (f fetcher) follow(
	ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
) error {
	f.introduce(ctx, from)
	if err := f.blobs.hold(ctx, id); err != nil {
		return err
	}
	_, err := f.client.Follow(ctx, transfer.From(from), id, size, progress, read) // it logs and counts false data
	return err
}

// validatorFetcher implements validator.Fetcher.
type validatorFetcher struct{ fetcher }

// Fetch pulls a blob from a source, which it finds by account if no peer is named. What a
// buyer has without a size on chain are documents, which anybody may serve to anybody.
func (f validatorFetcher) Fetch(
	ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64),
) error {
	if from.Role == pdx.RoleBuyer && size == 0 {
		return documents{fetcher: f.fetcher}.pullDocument(ctx, from.Pool, from.Account, id)
	}
	found, err := f.peerOf(ctx, from)
	if err != nil {
		return err
	}
	return f.pull(ctx, found, id, size, progress)
}

// FetchSet pulls a record set from a validator of a pool. It implements recordsets.Fetcher.
func (f validatorFetcher) FetchSet(ctx context.Context, from pdx.Address, pool pdx.PoolID, id pdx.ContentID, size uint64) error {
	return f.Fetch(ctx, validator.Source{Account: from, Pool: pool, Role: pdx.RoleValidator}, id, size, func(uint64, uint64) {})
}

// Follow is Fetch of a ciphertext that is read while it comes.
func (f validatorFetcher) Follow(
	ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
) error {
	found, err := f.peerOf(ctx, from)
	if err != nil {
		return err
	}
	return f.follow(ctx, found, id, size, progress, read)
}

// peerOf is the peer that a source names, or else the one that speaks for its account.
func (f validatorFetcher) peerOf(ctx context.Context, from validator.Source) (peer.ID, error) {
	if from.Peer == "" {
		return f.peers.Find(ctx, from.Pool, from.Role, from.Account)
	}
	named, err := peer.Decode(from.Peer)
	if err != nil {
		return "", fmt.Errorf("peer %q: %w: %v", from.Peer, pdx.ErrInvalid, err)
	}
	return named, nil
}

// buyerFetcher implements buyer.Fetcher.
type buyerFetcher struct{ fetcher }

// Fetch pulls a blob from all its sources at once.
func (f buyerFetcher) Fetch(
	ctx context.Context, from buyer.Sources, id pdx.ContentID, size uint64, progress func(held, total uint64),
) error {
	return f.pullFrom(ctx, transfer.SourcesFunc(func(ctx context.Context, set func([]peer.ID)) {
		for ; ctx.Err() == nil; _ = lifecycle.Sleep(ctx, sourcesEvery) {
			// A source that cannot be found now may be found later; the others serve meanwhile.
			found, err := from(ctx)
			if err != nil && len(found) == 0 {
				continue
			}
			set(peersIn(found))
		}
	}), id, size, progress)
}

// The buyer's limits must not exceed those of transfer.
const _ = uint(transfer.MaxMany-buyer.MaxBatch) + uint(blob.MaxSmall-buyer.SmallBlob)

// FetchMany pulls small blobs from one source, in batches.
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
	f.introduce(ctx, id)
	failed, err := f.client.PullMany(ctx, id, ids, func(int, int) { progress() }) // it logs and counts false data
	if err != nil && failed == nil {
		return all(err)
	}
	return failed
}

// sourcesEvery is the interval at which a pull searches for more sources. Each search looks
// up every account, most of them in a cache.
const sourcesEvery = 20 * time.Second

// peersIn returns the peer ids of sources, without invalid ones.
func peersIn(sources []buyer.Source) []peer.ID {
	var ids []peer.ID
	for _, s := range sources {
		if id, err := peer.Decode(s.Peer); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// A finder finds the peers that have a deal's ciphertext. It implements buyer.Finder.
type finder struct{ peers *peers.Directory }

// Sources returns the seller and the validators that promised availability, as far as they
// can be reached now.
func (f finder) Sources(ctx context.Context, d pdx.Deal) ([]buyer.Source, error) {
	var sources []buyer.Source
	add := func(role pdx.Role, account pdx.Address) {
		if id, err := f.peers.Find(ctx, d.Pool, role, account); err == nil {
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
