package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/workqueue"
	"github.com/medibloc/pdx/node/model"
)

// accuse writes down what is wrong with a delivered dataset before anything is
// done about it.
func (s *Service) accuse(ctx context.Context, deal pdx.Deal, p *model.Pull, e model.Evidence) (outcome, error) {
	next := *p
	next.Evidence = &e
	state, o, reason := model.PullDisputed, yields, e.String()+"; a complaint is made"
	switch {
	case !e.Fault.Provable():
		state, o, reason = model.PullFailed, done, e.String()+unprovable
	case deal.State == pdx.DealFinal:
		state, o, reason = model.PullFailed, done, e.String()+tooLate
	}
	if err := s.note(ctx, &next, state, reason); err != nil {
		return hurries, err
	}
	s.log.ErrorContext(ctx, "a delivered dataset does not open", "deal_id", deal.ID, "state", state, "reason", reason)
	*p = next
	return o, nil
}

// dispute complains until the chain has convicted the deal, or can no longer.
func (s *Service) dispute(ctx context.Context, in workqueue.Class, deal pdx.Deal, p *model.Pull) (outcome, error) {
	if deal.State == pdx.DealFinal {
		return done, s.note(ctx, p, model.PullFailed, p.Evidence.String()+tooLate)
	}
	if o, err := s.holdDelivered(ctx, in, deal, p); o != done || err != nil {
		return o, err
	}
	deal, head, err := s.proven(ctx, deal.ID)
	switch {
	case err != nil:
		return hurries, fmt.Errorf("complain: %w", err)
	case over(deal, head):
		return waits, s.note(ctx, p, model.PullDisputed, p.Evidence.String()+"; the dispute has ended, no complaint is taken any more")
	case underWay(*p, deal, head):
		return hurries, s.note(ctx, p, model.PullDisputed, p.Evidence.String()+"; a complaint is under way")
	}
	complaint, err := s.complaint(ctx, deal, *p.Evidence)
	if errors.Is(err, errOpens) {
		return s.acquit(ctx, p, err)
	}
	if err != nil {
		return hurries, fmt.Errorf("complain: %w", err)
	}
	return s.complain(ctx, deal, p, head, complaint)
}

// complain sends a complaint that holds. That it is sent is on disk before.
func (s *Service) complain(ctx context.Context, deal pdx.Deal, p *model.Pull, head pdx.Head, c pdx.Complaint) (outcome, error) {
	p.Complained = head.Height
	if err := s.note(ctx, p, model.PullDisputed, p.Evidence.String()+"; a complaint is under way"); err != nil {
		return hurries, err
	}
	credited, err := s.ledger.Complain(ctx, c)
	if err == nil {
		s.log.InfoContext(ctx, "a complaint convicted a deal", "deal_id", deal.ID, "credited", credited)
		return yields, nil
	}
	if !errors.Is(err, pdx.ErrUnavailable) {
		p.Complained = 0 // it is in no block that changed anything
	}
	return hurries, fmt.Errorf("%s; the complaint has not got through yet: %w", p.Evidence, err)
}

// acquit takes an accusation back that does not hold: this machine erred. The
// dataset is opened again.
func (s *Service) acquit(ctx context.Context, p *model.Pull, why error) (outcome, error) {
	s.log.WarnContext(ctx, "a dataset opens after all", "deal_id", p.Deal, "error", why)
	p.Evidence, p.Complained = nil, 0
	return hurries, s.note(ctx, p, model.PullDelivered, "")
}

// over reports whether the chain takes no complaint about a deal any more.
func over(deal pdx.Deal, head pdx.Head) bool {
	return head.Height >= deal.DeadlineHeight && head.Time.After(deal.DeadlineTime)
}

// underWay reports whether a complaint that was sent may still get into a block. Two
// would pay two fees, so the next one waits for it, unless the dispute could end
// meanwhile: a fee is less than a price.
func underWay(p model.Pull, deal pdx.Deal, head pdx.Head) bool {
	return p.Complained != 0 && head.Height <= p.Complained+SettleBlocks && head.Height+2*SettleBlocks < deal.DeadlineHeight
}
