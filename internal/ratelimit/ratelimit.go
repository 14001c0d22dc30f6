// Package ratelimit has the token buckets by which a node bounds what others make it do, one
// for each of a bounded number of keys.
//
// It reads no clock and does not wait: the caller passes the time, and waits if it wants to.
package ratelimit

import (
	"sync"
	"time"
)

// A Rate describes a token bucket: it holds Burst tokens and is refilled with PerSecond
// tokens per second. Debt is the number of tokens that Charge and Reserve may take from an
// empty bucket: for work whose cost is known only after it is done, and for work that waits.
type Rate struct{ PerSecond, Burst, Debt float64 }

// Buckets holds a token bucket for each key, such as an address group or a peer. The
// number of buckets is bounded: while all are in use, further keys share one more.
type Buckets[K comparable] struct {
	rate Rate
	most int

	mu      sync.Mutex // guards the rest
	buckets map[K]bucket
	swept   time.Time // when full buckets were dropped last
}

type bucket struct {
	tokens float64
	at     time.Time
}

// sweepEvery is the least time between two searches for full buckets, so that
// strangers that come while all buckets are in use cost no walk over them each.
const sweepEvery = 100 * time.Millisecond

// New returns full buckets, one each for at most most keys and the shared one.
func New[K comparable](rate Rate, most int) *Buckets[K] {
	return &Buckets[K]{rate: rate, most: most, buckets: make(map[K]bucket)}
}

// Allow takes n tokens from the bucket of key if it holds at least n, and reports
// whether it did.
func (b *Buckets[K]) Allow(key K, n int, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key, state := b.state(key, now)
	ok := state.tokens >= float64(n)
	if ok {
		state.tokens -= float64(n)
	}
	b.buckets[key] = state
	return ok
}

// Has reports whether the bucket of key holds at least one token. It takes none.
func (b *Buckets[K]) Has(key K, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, state := b.state(key, now)
	return state.tokens >= 1
}

// Charge takes n tokens for work already done, even if the bucket holds fewer: it may
// go down to minus the rate's Debt. A negative n returns tokens, up to the rate's
// Burst.
func (b *Buckets[K]) Charge(key K, n int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key, state := b.state(key, now)
	state.tokens = min(max(state.tokens-float64(n), -b.rate.Debt), b.rate.Burst)
	b.buckets[key] = state
}

// Reserve takes n tokens for work that is done after a wait, and returns the wait: until the
// bucket has refilled what it lacks. If that is longer than most or the debt larger than the
// rate's Debt, it takes none and returns false.
func (b *Buckets[K]) Reserve(key K, n int, most time.Duration, now time.Time) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key, state := b.state(key, now)
	state.tokens -= float64(n)
	var wait float64 // seconds
	if lacks := -state.tokens; lacks > 0 {
		wait = lacks / b.rate.PerSecond
		if wait > most.Seconds() || lacks > b.rate.Debt {
			return 0, false
		}
	}
	b.buckets[key] = state
	return time.Duration(wait * float64(time.Second)), true
}

// state returns the bucket of a key as it stands now, and the key that it is kept
// under. The caller holds mu.
func (b *Buckets[K]) state(key K, now time.Time) (K, bucket) {
	kept, known := b.buckets[key]
	if !known && len(b.buckets) >= b.most && now.Sub(b.swept) >= sweepEvery {
		b.sweep(now)
	}
	if !known && len(b.buckets) >= b.most {
		var shared K
		key = shared
		kept, known = b.buckets[key]
	}
	if !known {
		kept = bucket{tokens: b.rate.Burst, at: now}
	}
	return key, bucket{tokens: b.filled(kept, now), at: now}
}

func (b *Buckets[K]) filled(kept bucket, now time.Time) float64 {
	return min(b.rate.Burst, kept.tokens+b.rate.PerSecond*now.Sub(kept.at).Seconds())
}

// sweep drops the buckets that are full again: they are as good as new.
func (b *Buckets[K]) sweep(now time.Time) {
	b.swept = now
	for key, kept := range b.buckets {
		if b.filled(kept, now) >= b.rate.Burst {
			delete(b.buckets, key)
		}
	}
}
