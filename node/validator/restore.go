package validator

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// checkServed has a promised ciphertext fetched again if this disk has lost it.
func (s *Service) checkServed(ctx context.Context, deal pdx.Deal) {
	err := s.blobs.Check(ctx, deal.Dataset.Root)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		s.log.LogAttrs(ctx, slog.LevelWarn, "this disk lost a ciphertext that was promised; fetching it again",
			slog.Uint64("deal_id", uint64(deal.ID)), slog.Any("error", err))
		s.missing.note(deal.ID, "it is being pulled again")
		s.lost.hint(deal.ID)
	}
}

// restoreLoop fetches promised ciphertexts that this disk has lost, one after the
// other, until it has them or their deals end.
func (s *Service) restoreLoop(ctx context.Context) {
	for {
		var again <-chan time.Time
		if !s.restoreAll(ctx) {
			again = time.After(restoreRetry)
		}
		select {
		case <-s.lost.wake:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

// restoreAll is false when some could not be had.
func (s *Service) restoreAll(ctx context.Context) (ok bool) {
	ok = true
	for _, id := range s.lost.take(s.records.ids) {
		err := s.restore(ctx, id)
		if err == nil {
			s.missing.found(id)
		} else if ctx.Err() == nil {
			s.missing.note(id, err.Error())
			s.log.LogAttrs(ctx, slog.LevelWarn, "a promised ciphertext is still missing; trying again",
				slog.Uint64("deal_id", uint64(id)), causeOf(err))
			s.lost.putBack([]pdx.DealID{id})
			ok = false
		}
	}
	return ok
}

// restore fetches one ciphertext again from the seller, which serves it to the
// deal's validators until the deal ends. A deal that has ended meanwhile leaves
// nothing here.
func (s *Service) restore(ctx context.Context, id pdx.DealID) error {
	deal, err := s.ledger.Deal(ctx, id)
	if err != nil || deal.State.Ended() {
		return err
	}
	root := deal.Dataset.Root
	if !s.records.keepsFor(0, root) {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, duration(deal.Dataset.Size), errTooSlow)
	defer cancel()
	err = s.blobs.Check(ctx, root)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pdx.ErrCorrupt): // else a part that was pulled before is gone on with
		if err := s.blobs.Discard(ctx, root); err != nil {
			return ownFault("this validator cannot write its blobs", err)
		}
	}
	err = s.pull(ctx, intake{deal: deal, report: func(pdx.Progress) {}})
	if !s.records.keepsFor(0, root) {
		return s.blobs.Delete(context.WithoutCancel(ctx), root)
	}
	return err
}

// missingBlobs are the promised ciphertexts that are not here. Its zero value is empty.
type missingBlobs struct {
	mu    sync.Mutex
	deals map[pdx.DealID]string // why
}

func (m *missingBlobs) note(id pdx.DealID, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deals == nil {
		m.deals = map[pdx.DealID]string{}
	}
	m.deals[id] = why
}

func (m *missingBlobs) found(id pdx.DealID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.deals, id)
}

// Missing returns the deals whose ciphertext this validator promised and does not
// have, each with the reason.
func (s *Service) Missing() map[pdx.DealID]string {
	s.missing.mu.Lock()
	defer s.missing.mu.Unlock()
	return maps.Clone(s.missing.deals)
}
