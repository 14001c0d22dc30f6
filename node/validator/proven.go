package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/medibloc/pdx"
)

// Prover reads the chain and believes nobody: what it returns is proven against a header
// that chain validators signed and that is young.
type Prover interface {
	// Deal is a deal, and the head that proves it. An error says who lied about what, or
	// why nothing could be proven; pdx.ErrNotFound is proven itself.
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error)
	// Pool is a pool.
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
}

// A Witness is one endpoint's word on which deals there are.
type Witness interface {
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
}

// proven is a deal as the chain proves it. This validator's bond answers for what it says
// about a deal, so nothing is checked, certified or dropped on an endpoint's word alone.
func (s *Service) proven(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	deal, _, err := s.provenAt(ctx, id)
	return deal, err
}

// provenAt is proven with the head that proves it.
func (s *Service) provenAt(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	deal, head, err := s.prover.Deal(ctx, id)
	switch {
	case errors.Is(err, pdx.ErrNotFound): // a state is proven by the block after it
		err = ownFault("this validator does not see the deal proven on chain yet", err)
	case err != nil:
		err = ownFault("this validator cannot verify the deal on chain now", err)
	case head.ChainID != s.chainID || deal.ID != id:
		err = ownFault("this validator cannot verify the deal on chain now",
			fmt.Errorf("%w: deal %v of chain %q was proven, not %v of %q", pdx.ErrCorrupt, deal.ID, head.ChainID, id, s.chainID))
	}
	return deal, head, err
}

// certifiedAlready is the verdict that the chain is proven to hold, if one is shown.
func (s *Service) certifiedAlready(ctx context.Context, shown pdx.Deal) (pdx.Verdict, bool, error) {
	if s.certificate(shown) == nil {
		return pdx.Verdict{}, false, nil
	}
	deal, err := s.proven(ctx, shown.ID)
	if err != nil {
		return pdx.Verdict{}, false, err
	}
	v, ok := s.answered(ctx, deal)
	if !ok {
		err = ownFault("this validator's certificate is shown on chain and not proven yet", nil)
	}
	return v, ok, err
}

// isDone reports whether the chain is proven to wait for no verdict on a deal any more. An
// endpoint that hides a duty would have this validator miss it.
func (s *Service) isDone(ctx context.Context, id pdx.DealID) bool {
	deal, err := s.proven(ctx, id)
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "cannot verify that a deal waits for no verdict; trying again",
			slog.Uint64("deal_id", uint64(id)), causeOf(err))
	}
	return err == nil && !s.bound(deal)
}
