package transfer

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// turn is a place that somebody has.
type turn struct {
	peer    peer.ID
	evict   func()
	mu      sync.Mutex
	blocked time.Time // since when the peer takes nothing; zero when it does
}

// bodiesPerPlace is how many bodies may be under way for each place, with those of
// peers that take nothing at the moment: they cost memory, and nothing else.
const bodiesPerPlace = 4

// block says that the peer is given bytes from now on, or with false that it
// took them.
func (t *turn) block(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blocked = time.Time{}
	if on {
		t.blocked = time.Now()
	}
}

// stalled is for how long the peer has taken nothing.
func (t *turn) stalled(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blocked.IsZero() {
		return 0
	}
	return now.Sub(t.blocked)
}

// paused is how many of those whose turn it is have no place, as they take nothing.
func (q *queue) paused(now time.Time) (n int) {
	for t := range q.turns {
		if t.stalled(now) >= q.limits.pauseTime {
			n++
		}
	}
	return n
}

// look is called by who waits, again and again: it gives on the places of those who
// take nothing, and if that is not enough for all it ends the turns of those who have
// taken nothing for longer than others should wait for them.
func (q *queue) look() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.Sub(q.looked) < q.limits.pollTime {
		return // another did
	}
	q.looked = now
	if q.next(); len(q.waiting) == 0 {
		return
	}
	for t := range q.turns {
		if t.stalled(now) > q.limits.impatience {
			q.remember(q.late, t.peer)
			delete(q.prompt, t.peer)
			t.evict()
		}
	}
}
