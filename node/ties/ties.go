// Package ties decides which accounts may learn which account a node speaks for: those that
// the ledger ties to it; and which accounts have something at stake.
package ties

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/medibloc/pdx"
)

const (
	// maxPages bounds the pages of deals that are read for one question, and pageLen their
	// length: a live deal is among the last of its account.
	maxPages, pageLen = 4, 100
)

// errUntied: the ledger does not tie an account to this node.
var errUntied = fmt.Errorf("%w: no live deal or pool of this node names the account", pdx.ErrRefused)

// A Ledger reads what ties accounts to each other.
type Ledger interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error)
	Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error)
}

// Config configures Ties. All fields are required.
type Config struct {
	Self   pdx.Address            // the node's account
	Plays  func(pdx.Role) bool    // the node plays a role
	Names  func(pdx.Address) bool // from memory: a live deal or an open pool of this node's names an account
	Ledger Ledger
	Log    *slog.Logger
}

// Ties are the accounts that the ledger ties to a node. A deal ties its seller, its buyer
// and its validators until it ends; an open pool ties its buyer and the registered
// validators that it names, and these with each other, who compare what it bought. A buyer
// who paid and its seller stay tied: the buyer may pull again what it lost, and the seller may ask
// it to delete what it bought. Ties is safe for concurrent use.
type Ties struct {
	cfg     Config
	answers *answers
}

// New returns Ties.
func New(c Config) (*Ties, error) {
	t := &Ties{cfg: c}
	var err error
	t.answers, err = newAnswers(t.ask, errUntied, c.Log)
	return t, err
}

// Admit returns nil if the ledger ties an account to this node, pdx.ErrRefused if it does
// not, and pdx.ErrUnavailable if that is not known now.
func (t *Ties) Admit(ctx context.Context, account pdx.Address) error {
	if account == t.cfg.Self || t.cfg.Names(account) {
		return nil
	}
	return t.answers.about(ctx, account)
}

// ask reads the chain. Every question begins with the index of the other account, which
// for a stranger is empty.
func (t *Ties) ask(ctx context.Context, other pdx.Address) (bool, error) {
	var questions []func() (bool, error)
	if t.cfg.Plays(pdx.RoleBuyer) {
		questions = append(questions,
			func() (bool, error) { return t.bought(ctx, other) },
			func() (bool, error) { return t.hires(ctx, other) })
	}
	if t.cfg.Plays(pdx.RoleSeller) {
		questions = append(questions, func() (bool, error) { return t.paid(ctx, other) })
	}
	if t.cfg.Plays(pdx.RoleValidator) {
		questions = append(questions,
			func() (bool, error) { return t.anyDeal(ctx, pdx.DealFilter{Seller: other, Validator: t.cfg.Self}) },
			func() (bool, error) { return t.anyDeal(ctx, pdx.DealFilter{Buyer: other, Validator: t.cfg.Self}) },
			func() (bool, error) { return t.anyPool(ctx, other, t.cfg.Self) })
	}
	var failed error
	for _, question := range questions {
		tied, err := question()
		if tied {
			return true, nil
		}
		failed = errors.Join(failed, err)
	}
	return false, failed
}

// hires reports whether an account is a registered validator that an open pool or a live
// deal of this buyer names.
func (t *Ties) hires(ctx context.Context, other pdx.Address) (bool, error) {
	v, err := t.cfg.Ledger.Validator(ctx, other)
	if errors.Is(err, pdx.ErrNotFound) || err == nil && !v.Registered() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if tied, err := t.anyPool(ctx, t.cfg.Self, other); tied || err != nil {
		return tied, err
	}
	return t.anyDeal(ctx, pdx.DealFilter{Buyer: t.cfg.Self, Validator: other})
}

// anyPool reports whether an open pool of the buyer names the validator.
func (t *Ties) anyPool(ctx context.Context, buyer, validator pdx.Address) (bool, error) {
	filter := pdx.PoolFilter{Buyer: buyer, Status: pdx.PoolOpen, Reverse: true, Limit: pageLen}
	for range maxPages {
		pools, next, err := t.cfg.Ledger.Pools(ctx, filter)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(pools, func(p pdx.Pool) bool { return slices.Contains(p.Validators, validator) }) {
			return true, nil
		}
		if filter.Cursor = next; next == "" {
			break
		}
	}
	return false, nil
}

// anyDeal reports whether a filter names a deal that has not ended.
func (t *Ties) anyDeal(ctx context.Context, filter pdx.DealFilter) (bool, error) {
	return among(ctx, t.cfg.Ledger, filter, isLive)
}

// bought reports whether this buyer has a live deal with a seller, or has paid it for a dataset.
func (t *Ties) bought(ctx context.Context, seller pdx.Address) (bool, error) {
	return among(ctx, t.cfg.Ledger, pdx.DealFilter{Seller: seller, Buyer: t.cfg.Self}, func(d pdx.Deal) bool {
		return isLive(d) || d.State == pdx.DealFinal
	})
}

// paid reports whether a buyer has paid this seller for a dataset.
func (t *Ties) paid(ctx context.Context, buyer pdx.Address) (bool, error) {
	return among(ctx, t.cfg.Ledger, pdx.DealFilter{Buyer: buyer}, func(d pdx.Deal) bool {
		return d.State == pdx.DealFinal && d.Seller == t.cfg.Self
	})
}

func isLive(d pdx.Deal) bool { return !d.State.Ended() }

// among reports whether one of the last deals that a filter names is such a deal.
func among(ctx context.Context, ledger Ledger, filter pdx.DealFilter, such func(pdx.Deal) bool) (bool, error) {
	filter.Reverse, filter.Limit = true, pageLen
	for range maxPages {
		deals, next, err := ledger.Deals(ctx, filter)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(deals, such) {
			return true, nil
		}
		if filter.Cursor = next; next == "" {
			break
		}
	}
	return false, nil
}
