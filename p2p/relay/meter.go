package relay

import (
	"net/netip"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// A payer is what a circuit's bytes are counted for: the account of the peer that opened
// it, or, if that has proven none, the address group of the peer.
type payer struct {
	account pdx.Address
	group   netip.Prefix
}

// meter counts relayed bytes in both directions.
type meter struct {
	accounts  *ratelimit.Buckets[pdx.Address]
	strangers *ratelimit.Buckets[netip.Prefix]
	total     *ratelimit.Buckets[struct{}]
	rate      *ratelimit.Buckets[struct{}] // nil: no limit
}

func newMeter(l Limits) *meter {
	m := &meter{
		accounts:  ratelimit.New[pdx.Address](perDay(l.AccountBytes), maxMetered),
		strangers: ratelimit.New[netip.Prefix](perDay(min(strangerBytes, l.AccountBytes)), maxMetered),
		total:     ratelimit.New[struct{}](perDay(l.TotalBytes), 1),
	}
	if l.Rate > 0 {
		rate := float64(l.Rate)
		m.rate = ratelimit.New[struct{}](ratelimit.Rate{PerSecond: rate, Burst: max(rate, bufferSize), Debt: rate * maxRateWait.Seconds()}, 1)
	}
	return m
}

func perDay(bytes uint64) ratelimit.Rate {
	return ratelimit.Rate{PerSecond: float64(bytes) / day.Seconds(), Burst: float64(bytes)}
}

// may reports whether the payer, and all together, have bytes left for a circuit.
func (m *meter) may(p payer, now time.Time) bool {
	if !holds(m.total, struct{}{}, now) {
		return false
	}
	if p.account == "" {
		return holds(m.strangers, p.group, now)
	}
	return holds(m.accounts, p.account, now)
}

// holds reports whether a bucket holds what a circuit takes at least.
func holds[K comparable](b *ratelimit.Buckets[K], key K, now time.Time) bool {
	ok := b.Allow(key, openBytes, now)
	if ok {
		b.Charge(key, -openBytes, now)
	}
	return ok
}

// take counts n bytes. It returns why they are not to be relayed, or "" and for how long they
// have to wait.
func (m *meter) take(p payer, n int, now time.Time) (wait time.Duration, why string) {
	switch {
	case p.account != "" && !m.accounts.Allow(p.account, n, now):
		return 0, cutAccount
	case p.account == "" && !m.strangers.Allow(p.group, n, now):
		return 0, cutStranger
	case !m.total.Allow(struct{}{}, n, now):
		return 0, cutTotal
	case m.rate == nil:
		return 0, ""
	}
	wait, ok := m.rate.Reserve(struct{}{}, n, maxRateWait, now)
	if !ok {
		return 0, cutRate
	}
	return wait, ""
}

// Why a circuit is cut, in metrics and logs.
const (
	cutAccount  = "account limit"
	cutStranger = "stranger limit"
	cutTotal    = "total limit"
	cutRate     = "rate limit"
	cutStopped  = "stopped"
)
