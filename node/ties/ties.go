// Package ties decides which accounts may learn which account a node speaks for: those that
// the ledger ties to it.
package ties

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
)

const (
	// tiedTTL is how long a tie counts that the chain showed: a node that is told a moment
	// after the end of a deal learns nothing that it did not know.
	tiedTTL = time.Minute
	// untiedTTL is how long an account counts as untied: less than the time of a block.
	untiedTTL = 2 * time.Second
	// maxTies bounds the accounts in each cache, about 150 bytes each.
	maxTies = 4096
	// maxPages bounds the pages of deals that are read for one question, and pageLen their
	// length: a live deal is among the last of its account.
	maxPages, pageLen = 4, 100
)

// asks bounds the accounts about which the chain is asked: each costs up to seven reads, and
// an account costs nothing. Beyond it, a peer is told to try again. An honest account is
// asked about once a minute.
var asks = ratelimit.Rate{PerSecond: 8, Burst: 64}

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
// validators that it names, and these with each other, who compare what it bought. A buyer who paid stays tied to its seller, from whom it may pull
// again what it lost. Ties is safe for concurrent use.
type Ties struct {
	cfg    Config
	asks   *ratelimit.Buckets[struct{}]
	tied   *lru.Cache[pdx.Address, time.Time] // when the chain showed it
	untied *lru.Cache[pdx.Address, time.Time]
}

// New returns Ties.
func New(c Config) (*Ties, error) {
	tied, err := lru.New[pdx.Address, time.Time](maxTies)
	if err != nil {
		return nil, err
	}
	untied, err := lru.New[pdx.Address, time.Time](maxTies)
	return &Ties{cfg: c, asks: ratelimit.New[struct{}](asks, 1), tied: tied, untied: untied}, err
}

// Admit returns nil if the ledger ties an account to this node, pdx.ErrRefused if it does
// not, and pdx.ErrUnavailable if that is not known now.
func (t *Ties) Admit(ctx context.Context, account pdx.Address) error {
	if account == t.cfg.Self || t.cfg.Names(account) || isRecent(t.tied, account, tiedTTL) {
		return nil
	}
	if isRecent(t.untied, account, untiedTTL) {
		return errUntied
	}
	if !t.asks.Allow(struct{}{}, 1, time.Now()) {
		return fmt.Errorf("%w: too many accounts are looked up", pdx.ErrUnavailable)
	}
	tied, err := t.ask(ctx, account)
	switch {
	case tied:
		t.tied.Add(account, time.Now())
		return nil
	case err != nil:
		t.cfg.Log.DebugContext(ctx, "ties not read", "account", account, "error", err)
		return fmt.Errorf("%w: the chain does not answer: %w", pdx.ErrUnavailable, err)
	}
	t.untied.Add(account, time.Now())
	return errUntied
}

// isRecent reports whether a cache has an answer about an account that still counts.
func isRecent(answers *lru.Cache[pdx.Address, time.Time], account pdx.Address, ttl time.Duration) bool {
	at, ok := answers.Get(account)
	return ok && time.Since(at) < ttl
}

// ask reads the chain. Every question begins with the index of the other account, which
// for a stranger is empty.
func (t *Ties) ask(ctx context.Context, other pdx.Address) (bool, error) {
	var questions []func() (bool, error)
	if t.cfg.Plays(pdx.RoleBuyer) {
		questions = append(questions,
			func() (bool, error) { return t.anyDeal(ctx, pdx.DealFilter{Seller: other, Buyer: t.cfg.Self}) },
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
	return t.among(ctx, filter, func(d pdx.Deal) bool { return !d.State.Ended() })
}

// paid reports whether a buyer has paid this seller for a dataset.
func (t *Ties) paid(ctx context.Context, buyer pdx.Address) (bool, error) {
	return t.among(ctx, pdx.DealFilter{Buyer: buyer}, func(d pdx.Deal) bool { return d.State == pdx.DealFinal && d.Seller == t.cfg.Self })
}

// among reports whether one of the last deals that a filter names is such a deal.
func (t *Ties) among(ctx context.Context, filter pdx.DealFilter, such func(pdx.Deal) bool) (bool, error) {
	filter.Reverse, filter.Limit = true, pageLen
	for range maxPages {
		deals, next, err := t.cfg.Ledger.Deals(ctx, filter)
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
