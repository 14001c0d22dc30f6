package buyer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// Prover reads the chain and believes nobody: what it returns is proven against a header
// that chain validators signed and that is young.
type Prover interface {
	// Deal is a deal, and the head that proves it. An error says who lied about what, or
	// why nothing could be proven; pdx.ErrNotFound is proven itself.
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error)
	// Validator is a validator.
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
}

// A Witness is one endpoint's word on which deals there are. Its String names it.
type Witness interface {
	fmt.Stringer
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
}

// proofs remember what was proven of each deal that goes on.
type proofs struct {
	mu sync.Mutex
	of map[pdx.DealID]lastProof
}

// lastProof is what an ack relies on. A deal's dataset does not change.
type lastProof struct {
	at      time.Time // only its monotonic reading counts
	state   pdx.DealState
	dataset pdx.Dataset
}

func newProofs() *proofs { return &proofs{of: map[pdx.DealID]lastProof{}} }

// note remembers a proven deal until it has ended.
func (p *proofs) note(d pdx.Deal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.State.Ended() {
		delete(p.of, d.ID)
		return
	}
	p.of[d.ID] = lastProof{time.Now(), d.State, d.Dataset}
}

// forget forgets a deal about which nothing more is done.
func (p *proofs) forget(id pdx.DealID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, id)
}

// certified reports whether a deal was proven to be certified last, with this dataset.
func (p *proofs) certified(d pdx.Deal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.of[d.ID]
	return ok && known.state == pdx.DealCertified && known.dataset == d.Dataset
}

// old reports whether a deal was last proven long ago, or never.
func (p *proofs) old(id pdx.DealID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.of[id]
	return !ok || time.Since(known.at) >= proofEvery
}

// proven is a deal as the chain proves it.
func (s *Service) proven(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	deal, head, err := s.prover.Deal(ctx, id)
	switch {
	case err != nil:
		return deal, head, fmt.Errorf("deal %v is not verified: %w", id, err)
	case head.ChainID != s.chainID || deal.ID != id:
		return deal, head, fmt.Errorf("%w: deal %v of chain %q was proven, not %v of %q", pdx.ErrCorrupt, deal.ID, head.ChainID, id, s.chainID)
	}
	s.proofs.note(deal)
	return deal, head, nil
}

// read is a deal as the ledger shows it or, where something hangs on it, as the chain proves
// it: from the ack on, and now and then before, since an endpoint may hide a delivery. It is
// not ready while the block is still to come that proves what is shown.
//
// A deal that is shown as certified is proven before its ack, and one that is shown as
// offered concerns this buyer only if it was more than that before.
func (s *Service) read(ctx context.Context, id pdx.DealID) (deal pdx.Deal, ready bool, err error) {
	shown, err := s.ledger.Deal(ctx, id)
	if err != nil {
		return shown, false, err
	}
	known, begun := s.feed.get(id)
	switch shown.State {
	case pdx.DealOffered:
		if !begun || known.State.Done() {
			return shown, true, nil
		}
	case pdx.DealCertified:
		if !begun || s.proofs.certified(shown) && !s.proofs.old(id) {
			return shown, true, nil
		}
	}
	deal, _, err = s.proven(ctx, id)
	return deal, err == nil && len(deal.History) >= len(shown.History), err
}

// provenToAck is a deal that is shown as certified, as the chain proves it; not ready while
// it is not proven to be certified now.
func (s *Service) provenToAck(ctx context.Context, shown pdx.Deal) (deal pdx.Deal, o outcome, err error) {
	deal, _, err = s.proven(ctx, shown.ID)
	switch {
	case err != nil:
		return deal, retries, err
	case deal.State == pdx.DealOffered: // it is proven by the block after it
		return deal, polls, nil
	case deal.State != pdx.DealCertified: // it moved on, and its next step sees that
		return deal, yields, nil
	case deal.Dataset != shown.Dataset:
		return deal, retries, fmt.Errorf("%w: an endpoint shows another dataset of deal %v than the chain proves", pdx.ErrCorrupt, deal.ID)
	}
	return deal, done, nil
}

// proofLoop has the deals that go on looked at that were not proven for a while.
func (s *Service) proofLoop(ctx context.Context) {
	tick := time.NewTicker(proofTick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, p := range s.feed.pulls.Values() {
			if !p.State.Done() && p.State != model.PullPulling && s.proofs.old(p.Deal) {
				s.schedule.Add(p.Deal, p.Pool)
			}
		}
	}
}
