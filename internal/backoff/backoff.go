// Package backoff computes how long to wait before a retry.
//
// It reads no clock and holds no state: the caller counts its tries and waits, so that tests can
// inject the time.
package backoff

import (
	"math/rand/v2"
	"time"
)

// Doubling is a pause that doubles from First to Most, with each failure in a row.
type Doubling struct{ First, Most time.Duration }

// After returns the pause after a failure that follows a number of others; First if there were
// none. It has no jitter.
func (d Doubling) After(failures int) time.Duration {
	pause := d.First
	for range failures {
		if pause >= d.Most {
			break
		}
		pause *= 2
	}
	return min(pause, d.Most)
}

// Spread returns the pause of After with jitter.
func (d Doubling) Spread(failures int) time.Duration { return Jitter(d.After(failures)) }

// Jitter spreads a pause evenly from half to one and a half of it, so that clients that failed
// together do not retry together. A pause that is not positive becomes 0.
func Jitter(pause time.Duration) time.Duration {
	if pause <= 0 {
		return 0
	}
	return pause/2 + rand.N(pause)
}
