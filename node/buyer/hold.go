package buyer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// holdOrJoin makes sure that the ciphertext is here, or has it pulled together with
// others': the outcome is done when it is here.
func (s *Service) holdOrJoin(ctx context.Context, deal pdx.Deal, p *model.Pull) (outcome, error) {
	complete, err := s.held(ctx, deal, p)
	switch {
	case err != nil:
		return retries, err
	case complete:
		return done, nil
	case s.join(deal, *p):
		return joins, nil
	}
	if err := s.pull(ctx, deal, p); err != nil {
		return retries, err
	}
	return done, nil
}

// hold makes sure that the ciphertext is here, complete and verified.
func (s *Service) hold(ctx context.Context, deal pdx.Deal, p *model.Pull) error {
	complete, err := s.held(ctx, deal, p)
	if err == nil && !complete {
		err = s.pull(ctx, deal, p)
	}
	return err
}

// held looks how much of the ciphertext is here. What this disk lost a part of is
// thrown away and counts as not here, in every state of a deal: the seller and the
// validators serve it until the deal has ended.
func (s *Service) held(ctx context.Context, deal pdx.Deal, p *model.Pull) (complete bool, err error) {
	p.Held, complete, err = s.blobs.Held(ctx, deal.Dataset.Root)
	if errors.Is(err, pdx.ErrCorrupt) {
		p.Held = 0
		return false, s.discard(ctx, deal, err)
	}
	if err != nil {
		return false, fmt.Errorf("look for the ciphertext: %w", err)
	}
	return complete, nil
}

// discard throws a damaged ciphertext away, so that it is pulled again.
func (s *Service) discard(ctx context.Context, deal pdx.Deal, why error) error {
	s.log.WarnContext(ctx, "this disk lost a ciphertext; it is pulled again", "deal_id", deal.ID, "cid", deal.Dataset.Root, "error", why)
	if err := s.blobs.Discard(ctx, deal.Dataset.Root); err != nil {
		return fmt.Errorf("discard the damaged ciphertext: %w", err)
	}
	return nil
}

// lost is the error of a ciphertext that turned out to be damaged while it was
// read. When it is errLost, it is gone and is pulled again.
func (s *Service) lost(ctx context.Context, deal pdx.Deal, why error) error {
	return cmp.Or(s.discard(ctx, deal, why), errLost)
}

// pull brings the ciphertext here, in one time slice or more.
func (s *Service) pull(ctx context.Context, deal pdx.Deal, p *model.Pull) error {
	if err := s.enter(ctx, p, model.PullPulling); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeSlice, errTimeSlice)
	defer cancel()
	err := s.fetch(ctx, func(ctx context.Context) ([]Source, error) {
		found, err := s.finder.Sources(ctx, deal)
		return holders(vouched(deal), found), err
	}, deal, p)
	if err != nil && errors.Is(context.Cause(ctx), errTimeSlice) {
		return errTimeSlice
	}
	if err != nil {
		return fmt.Errorf("pull the ciphertext: %w", err)
	}
	complete, err := s.held(ctx, deal, p)
	if err == nil && !complete {
		err = fmt.Errorf("pull the ciphertext: %w: it is not complete", pdx.ErrUnavailable)
	}
	return err
}

// vouched are the accounts that should have a deal's ciphertext: the seller first,
// then the validators that promised availability in the order of their
// certificates.
func vouched(deal pdx.Deal) []pdx.Address {
	who := []pdx.Address{deal.Seller}
	for _, c := range deal.Certificates {
		if c.Accepted && c.Available {
			who = append(who, c.Validator)
		}
	}
	return who
}

// holders are the sources that speak for those accounts, in their order.
func holders(who []pdx.Address, sources []Source) []Source {
	sources = slices.DeleteFunc(slices.Clone(sources), func(s Source) bool { return !slices.Contains(who, s.Account) })
	slices.SortStableFunc(sources, func(a, b Source) int {
		return cmp.Compare(slices.Index(who, a.Account), slices.Index(who, b.Account))
	})
	return sources
}

// errTimeSlice ends a pull that goes on after the deals that wait.
var errTimeSlice = fmt.Errorf("%w: it is the turn of others", pdx.ErrUnavailable)

// errStalled ends a fetch to which no source sends anything.
var errStalled = fmt.Errorf("%w: nobody sends anything", pdx.ErrUnavailable)

// fetch pulls from all who have it until it is done, none is left, or all stall.
func (s *Service) fetch(ctx context.Context, from Sources, deal pdx.Deal, p *model.Pull) error {
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
			s.feed.set(withHeld(*p, held))
		}
	})
	p.Held = last
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	return err
}

func withHeld(p model.Pull, held uint64) model.Pull {
	p.Held = held
	return p
}
