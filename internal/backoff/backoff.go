// Package backoff says how long to wait before a try is repeated.
//
// It reads no clock and holds no state: the caller counts its tries and waits in
// its own way, so that time is the caller's to inject.
package backoff

import (
	"math/rand/v2"
	"time"
)

// Doubling is a pause that doubles from First to Most, with each failure in a row.
type Doubling struct{ First, Most time.Duration }

// After returns the pause after a failure that followed a number of others: First
// when there were none. It has no jitter.
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

// Spread returns what After does, with jitter.
func (d Doubling) Spread(failures int) time.Duration { return Jitter(d.After(failures)) }

// Jitter spreads a pause evenly over the half before and the half after it, so that
// those who failed together do not come back together. A pause that is not positive becomes 0.
func Jitter(pause time.Duration) time.Duration {
	if pause <= 0 {
		return 0
	}
	return pause/2 + rand.N(pause)
}
