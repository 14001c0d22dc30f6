package buyer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medibloc/pdx"
)

// hold makes sure that the ciphertext is here, complete and verified.
func (s *Service) hold(ctx context.Context, deal pdx.Deal, p *Pull) error {
	held, complete, err := s.blobs.Held(ctx, deal.Dataset.Root)
	if err != nil {
		return fmt.Errorf("look for the ciphertext: %w", err)
	}
	p.Held = held
	if complete {
		return nil
	}
	if err := s.enter(ctx, p, StatePulling); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, turn, errTurn)
	defer cancel()
	err = s.fetch(ctx, func(ctx context.Context) ([]Source, error) {
		found, err := s.finder.Sources(ctx, deal)
		return holders(deal, found), err
	}, deal, p)
	if err != nil && errors.Is(context.Cause(ctx), errTurn) {
		return errTurn
	}
	if err != nil {
		return fmt.Errorf("pull the ciphertext: %w", err)
	}
	if p.Held, complete, err = s.blobs.Held(ctx, deal.Dataset.Root); err == nil && !complete {
		err = fmt.Errorf("pull the ciphertext: %w: it is not complete", pdx.ErrUnavailable)
	}
	return err
}

// holders are the sources that a deal vouches for, the seller first, then the
// validators that promised availability in the order of their certificates.
func holders(deal pdx.Deal, sources []Source) []Source {
	rank := func(s Source) int {
		if s.Account == deal.Seller {
			return 0
		}
		i := slices.IndexFunc(deal.Certificates, func(c pdx.Certificate) bool {
			return c.Validator == s.Account && c.Accepted && c.Available
		})
		return i + 1 // 0 for a stranger, who is told from the seller below
	}
	sources = slices.DeleteFunc(slices.Clone(sources), func(s Source) bool {
		return s.Account != deal.Seller && rank(s) == 0
	})
	slices.SortStableFunc(sources, func(a, b Source) int { return cmp.Compare(rank(a), rank(b)) })
	return sources
}

// errTurn ends a pull that goes on after the deals that wait.
var errTurn = fmt.Errorf("%w: it is the turn of others", pdx.ErrUnavailable)

// errStalled ends a fetch to which no source sends anything.
var errStalled = fmt.Errorf("%w: nobody sends anything", pdx.ErrUnavailable)

// fetch pulls from all who have it until it is done, none is left, or all stall.
func (s *Service) fetch(ctx context.Context, from Sources, deal pdx.Deal, p *Pull) error {
	sources, err := from(ctx)
	if err != nil {
		return fmt.Errorf("find the seller: %w", err)
	}
	if len(sources) == 0 {
		return fmt.Errorf("%w: neither the seller nor a validator that promised the ciphertext can be reached", pdx.ErrUnavailable)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errStalled) })
	defer watch.Stop()
	shown, last := p.Held, p.Held
	err = s.fetcher.Fetch(ctx, from, deal.Dataset.Root, deal.Dataset.Size, func(held, total uint64) {
		if held > last {
			watch.Reset(stall)
			last = held
		}
		if held >= shown+total/progressSteps || held == total {
			shown = held
			s.board.set(withHeld(*p, held))
		}
	})
	p.Held = last
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	return err
}

func withHeld(p Pull, held uint64) Pull {
	p.Held = held
	return p
}
