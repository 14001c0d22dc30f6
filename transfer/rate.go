package transfer

import (
	"sync"
	"time"
)

// rates bounds what each asker costs: a bucket of burst tokens that fills at rate
// a second. Askers are address groups, whatever peer ids they use, or peers.
type rates[K comparable] struct {
	rate, burst float64
	most        int
	mu          sync.Mutex
	buckets     map[K]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newRates[K comparable](rate, burst float64, most int) *rates[K] {
	return &rates[K]{rate: rate, burst: burst, most: most, buckets: make(map[K]bucket)}
}

// allow takes a token of that asker, if there is one.
func (r *rates[K]) allow(from K, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, b := r.bucket(from, now)
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	r.buckets[from] = b
	return ok
}

// has reports whether there is a token of that asker, and takes none.
func (r *rates[K]) has(from K, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, b := r.bucket(from, now)
	return b.tokens >= 1
}

// charge takes n tokens for what was answered already, down to a debt of debts
// times burst. So honest askers, whose answers are yes, never wait for tokens that
// they will get back, and others pay afterwards.
func (r *rates[K]) charge(from K, n int, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, b := r.bucket(from, now)
	b.tokens = max(b.tokens-float64(n), -debts*r.burst)
	r.buckets[from] = b
}

// bucket is that asker's as it stands now, and whose it is: there may be more busy
// askers than can be told apart, who then share one.
func (r *rates[K]) bucket(from K, now time.Time) (K, bucket) {
	b, known := r.buckets[from]
	if !known && len(r.buckets) >= r.most {
		r.forget(now)
		if len(r.buckets) >= r.most {
			var shared K
			from = shared
			b, known = r.buckets[from]
		}
	}
	if !known {
		b = bucket{tokens: r.burst, at: now}
	}
	return from, bucket{tokens: r.filled(b, now), at: now}
}

func (r *rates[K]) filled(b bucket, now time.Time) float64 {
	return min(r.burst, b.tokens+r.rate*now.Sub(b.at).Seconds())
}

// refund gives a token back to that asker.
func (r *rates[K]) refund(from K, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b, known := r.buckets[from]; known {
		r.buckets[from] = bucket{tokens: min(r.burst, r.filled(b, now)+1), at: now}
	}
}

// forget drops the buckets that are full again: they are as good as new.
func (r *rates[K]) forget(now time.Time) {
	for from, b := range r.buckets {
		if r.filled(b, now) >= r.burst {
			delete(r.buckets, from)
		}
	}
}
