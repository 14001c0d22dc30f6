package transfer

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// grant is a slot that an upload has.
type grant struct {
	peer    peer.ID
	evict   func()
	mu      sync.Mutex // guards blocked
	blocked time.Time  // since when the peer takes nothing; zero when it does
}

// bodiesPerSlot is how many bodies may be under way for each slot, stalled ones
// included: those cost memory, and nothing else.
const bodiesPerSlot = 4

// block notes that a write to the peer begins, or with false that it ended.
func (g *grant) block(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.blocked = time.Time{}
	if on {
		g.blocked = time.Now()
	}
}

// stalled returns for how long the peer has taken nothing.
func (g *grant) stalled(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.blocked.IsZero() {
		return 0
	}
	return now.Sub(g.blocked)
}

// paused returns how many grants do not count against the slots, as their peers take
// nothing.
func (q *queue) paused(now time.Time) (n int) {
	for g := range q.grants {
		if g.stalled(now) >= q.limits.pauseTime {
			n++
		}
	}
	return n
}

// evictStalled is called by each waiter every pollTime. It gives the slots of stalled
// uploads to waiters, and if that does not serve all of them, ends the uploads that
// have been stalled for longer than others should wait.
func (q *queue) evictStalled() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.Sub(q.polled) < q.limits.pollTime {
		return // another waiter did
	}
	q.polled = now
	if q.next(); len(q.waiting) == 0 {
		return
	}
	for g := range q.grants {
		if g.stalled(now) > q.limits.impatience {
			q.remember(q.late, g.peer)
			delete(q.prompt, g.peer)
			g.evict()
		}
	}
}
