package validator

import (
	"context"
	"errors"
	"slices"

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
	s.room.Lock()
	defer s.room.Unlock()
	records, err := s.vault.All(ctx)
	if err != nil {
		return ownFault("this validator cannot read its records", err)
	}
	kept := record.Size
	for _, r := range records {
		if r.Deal != record.Deal && r.keeps() {
			kept += r.Size
		}
	}
	if kept > s.maxKept {
		return ErrNoRoom
	}
	return s.put(ctx, record)
}

// discard deletes the ciphertext of a record unless another deal's record keeps
// the same.
func (s *Service) discard(ctx context.Context, record Record) error {
	release, err := s.roots.take(ctx, record.Root)
	if err != nil {
		return err
	}
	defer release()
	records, err := s.vault.All(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(records, func(r Record) bool { return r.Deal != record.Deal && r.Root == record.Root && r.keeps() }) {
		return nil
	}
	return s.blobs.Delete(ctx, record.Root)
}

// MayPull tells whether puller may have blob id from this validator: a pool's
// buyer gets the datasets whose availability was promised to it.
func (s *Service) MayPull(ctx context.Context, puller pdx.Address, id pdx.ContentID) (bool, error) {
	records, err := s.vault.All(ctx)
	if err != nil {
		return false, ownFault("this validator cannot read its records", err)
	}
	return slices.ContainsFunc(records, func(r Record) bool {
		return r.Root == id && r.Buyer == puller && r.serves()
	}), nil
}

// Serving are the ciphertexts that this validator serves to their buyers.
func (s *Service) Serving(ctx context.Context) ([]Record, error) {
	records, err := s.vault.All(ctx)
	if err != nil {
		return nil, ownFault("this validator cannot read its records", err)
	}
	return slices.DeleteFunc(records, func(r Record) bool { return !r.serves() }), nil
}

// Kept is how many bytes of ciphertext are here or on their way, and how many may be.
func (s *Service) Kept(ctx context.Context) (kept, most uint64, err error) {
	records, err := s.vault.All(ctx)
	for _, r := range records {
		if r.keeps() {
			kept += r.Size
		}
	}
	return kept, s.maxKept, err
}

// finish forgets a deal that ended: its ciphertext, its documents and, last, its
// record, so that a crash in between leaves the rest to the next sweep.
func (s *Service) finish(ctx context.Context, record Record) error {
	if err := s.discard(ctx, record); err != nil {
		return err
	}
	records, err := s.vault.All(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, id := range record.Documents {
		if !slices.ContainsFunc(records, func(r Record) bool { return r.Deal != record.Deal && slices.Contains(r.Documents, id) }) {
			failed = errors.Join(failed, s.blobs.Delete(ctx, id))
		}
	}
	if failed != nil {
		return failed
	}
	return s.vault.Delete(ctx, record.Deal.String())
}
