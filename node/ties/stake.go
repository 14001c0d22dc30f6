package ties

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/medibloc/pdx"
)

// errNoStake: an account has nothing at stake.
var errNoStake = fmt.Errorf("%w: the account has no live pool, deal or bond", pdx.ErrRefused)

// Stakes tells accounts with something at stake on the chain from others, which cost nothing:
// those with a bond as a registered validator, with an open pool, or with a live deal in any
// role. It is safe for concurrent use.
type Stakes struct {
	ledger  Ledger
	answers *answers
}

// NewStakes returns Stakes that read the ledger.
func NewStakes(ledger Ledger, log *slog.Logger) (*Stakes, error) {
	s := &Stakes{ledger: ledger}
	var err error
	s.answers, err = newAnswers(s.ask, errNoStake, log)
	return s, err
}

// Admit returns nil if an account has something at stake, pdx.ErrRefused if it has not, and
// pdx.ErrUnavailable if that is not known now.
func (s *Stakes) Admit(ctx context.Context, account pdx.Address) error {
	return s.answers.about(ctx, account)
}

// ask reads the chain, with what is cheapest first.
func (s *Stakes) ask(ctx context.Context, account pdx.Address) (bool, error) {
	v, err := s.ledger.Validator(ctx, account)
	switch {
	case err == nil && v.Registered():
		return true, nil
	case err != nil && !errors.Is(err, pdx.ErrNotFound):
		return false, err
	}
	pools, _, err := s.ledger.Pools(ctx, pdx.PoolFilter{Buyer: account, Status: pdx.PoolOpen, Limit: 1})
	if len(pools) > 0 || err != nil {
		return len(pools) > 0, err
	}
	for _, filter := range []pdx.DealFilter{{Seller: account}, {Buyer: account}, {Validator: account}} {
		if is, err := among(ctx, s.ledger, filter, isLive); is || err != nil {
			return is, err
		}
	}
	return false, nil
}
