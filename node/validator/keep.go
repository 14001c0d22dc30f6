package validator

import (
	"context"
	"errors"

	"github.com/medibloc/pdx"
)

// recordOf is what a check of deal begins with.
func recordOf(deal pdx.Deal) Record {
	return Record{
		Deal: deal.ID, Pool: deal.Pool, Buyer: deal.Buyer, Root: deal.Dataset.Root, Size: deal.Dataset.Size,
		Documents: []pdx.ContentID{deal.Criteria},
	}
}

// reserve records that the ciphertext will be here before the first byte comes,
// so that whatever happens the sweep finds it; ErrNoRoom if that would be more
// than this validator keeps.
func (s *Service) reserve(ctx context.Context, record Record) error {
	err := s.records.putWithin(ctx, record, s.maxKept)
	if err != nil && !errors.Is(err, ErrNoRoom) && !errors.Is(err, errNotLoaded) {
		return ownFault("this validator cannot write its records", err)
	}
	return err
}

// discard deletes the ciphertext of a record unless another deal's record keeps
// the same.
func (s *Service) discard(ctx context.Context, record Record) error {
	release, err := s.roots.Take(ctx, record.Root)
	if err != nil {
		return err
	}
	defer release()
	if s.records.keepsFor(record.Deal, record.Root) {
		return nil
	}
	return s.blobs.Delete(ctx, record.Root)
}

// MayPull reports whether puller may have blob id from this validator: a pool's
// buyer gets the datasets whose availability was promised to it, and the pool's validators
// the record sets. It is answered from memory; pdx.ErrUnavailable before Start.
func (s *Service) MayPull(_ context.Context, puller pdx.Address, id pdx.ContentID) (bool, error) {
	if s.sets.MayPull(puller, id) {
		return true, nil
	}
	return s.records.mayPull(puller, id)
}

// Serving are the ciphertexts that this validator serves to their buyers; their
// findings are left out.
func (s *Service) Serving(context.Context) ([]Record, error) { return s.records.serving() }

// Kept is how many bytes of ciphertext are here or on their way, and how many may be.
func (s *Service) Kept(context.Context) (kept, most uint64, err error) {
	return s.records.bytes(), s.maxKept, nil
}

// finish forgets a deal that ended: its ciphertext, its documents and, last, its
// record, so that a crash in between leaves the rest to the next sweep.
func (s *Service) finish(ctx context.Context, record Record) error {
	if err := s.discard(ctx, record); err != nil {
		return err
	}
	var failed error
	for _, id := range s.records.documentsOf(record.Deal) {
		failed = errors.Join(failed, s.blobs.Delete(ctx, id))
	}
	if failed != nil {
		return failed
	}
	return s.records.delete(ctx, record.Deal)
}

// DealsWith reports whether an account is the buyer of a ciphertext that is kept here, or
// waits for a verdict on a deal of its own.
func (s *Service) DealsWith(account pdx.Address) bool {
	return s.records.isKeptFor(account) || s.queue.has(account)
}
