package client

import (
	"sync"
	"time"
)

// othersMemory is for how long a transaction that this wallet did not sign is remembered.
const othersMemory = time.Hour

// others notices that another program signs for the same account, as the copy of a home
// does: the chain then expects a sequence beyond all that this wallet has sent.
type others struct {
	mu           sync.Mutex
	before, last time.Time // of the last two sightings
}

// seen notes a sighting at time now.
func (o *others) seen(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before, o.last = o.last, now
}

// when returns the last sighting, or the zero time if there were fewer than two within
// othersMemory before now: one may be a transaction of this wallet whose answer was lost.
func (o *others) when(now time.Time) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.before) > othersMemory {
		return time.Time{}
	}
	return o.last
}

// expect goes on with the sequence that the chain expects.
func (w *wallet) expect(next uint64) {
	if next > w.signer.sequence+w.sent.count() {
		w.others.seen(time.Now())
	}
	w.signer.sequence = next
}
