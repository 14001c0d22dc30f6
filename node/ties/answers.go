package ties

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
)

const (
	// yesTTL is how long a yes counts that the chain showed: a node that is told a moment
	// after the end of a deal learns nothing that it did not know.
	yesTTL = time.Minute
	// noTTL is how long a no counts: less than the time of a block.
	noTTL = 2 * time.Second
	// maxAnswers bounds the accounts in each cache, about 150 bytes each.
	maxAnswers = 4096
)

// asks bounds the accounts about which the chain is asked: each costs up to seven reads, and
// an account costs nothing. Beyond it, a peer is told to try again. An honest account is
// asked about once a minute.
var asks = ratelimit.Rate{PerSecond: 8, Burst: 64}

// answers are what the chain said about accounts.
type answers struct {
	ask     func(context.Context, pdx.Address) (bool, error)
	no      error // what about returns for a no
	log     *slog.Logger
	asks    *ratelimit.Buckets[struct{}]
	yes     *lru.Cache[pdx.Address, time.Time] // when the chain showed it
	refused *lru.Cache[pdx.Address, time.Time]
}

func newAnswers(ask func(context.Context, pdx.Address) (bool, error), no error, log *slog.Logger) (*answers, error) {
	yes, err := lru.New[pdx.Address, time.Time](maxAnswers)
	if err != nil {
		return nil, err
	}
	refused, err := lru.New[pdx.Address, time.Time](maxAnswers)
	return &answers{ask: ask, no: no, log: log, asks: ratelimit.New[struct{}](asks, 1), yes: yes, refused: refused}, err
}

// about returns nil for a yes, no for a no, and pdx.ErrUnavailable if that is not known now.
func (a *answers) about(ctx context.Context, account pdx.Address) error {
	if isRecent(a.yes, account, yesTTL) {
		return nil
	}
	if isRecent(a.refused, account, noTTL) {
		return a.no
	}
	if !a.asks.Allow(struct{}{}, 1, time.Now()) {
		return fmt.Errorf("%w: too many accounts are looked up", pdx.ErrUnavailable)
	}
	is, err := a.ask(ctx, account)
	switch {
	case is:
		a.yes.Add(account, time.Now())
		return nil
	case err != nil:
		a.log.DebugContext(ctx, "the chain said nothing of an account", "account", account, "error", err)
		return fmt.Errorf("%w: the chain does not answer: %w", pdx.ErrUnavailable, err)
	}
	a.refused.Add(account, time.Now())
	return a.no
}

// isRecent reports whether a cache has an answer about an account that still counts.
func isRecent(answers *lru.Cache[pdx.Address, time.Time], account pdx.Address, ttl time.Duration) bool {
	at, ok := answers.Get(account)
	return ok && time.Since(at) < ttl
}
