package transfer

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// queue shares upload slots among peers. When more want one than there are slots, the
// next goes to the peer that holds the fewest, and among those to the one that has
// waited longest; peers that stalled lately come last. An eighth of the slots is for
// peers that lately took all that they had asked for, and half for peers that did not
// stall. A stalled upload does not count against the slots, up to a bound, so that a
// crowd that asks and does not read delays others hardly longer than it takes to
// notice. A peer is told to come back only when the queue itself is full.
type queue struct {
	limits serverLimits

	mu      sync.Mutex
	slots   int
	grants  map[*grant]struct{}
	held    map[peer.ID]int
	late    map[peer.ID]time.Time // peers that stalled, until when they come last
	prompt  map[peer.ID]time.Time // peers that took all they asked for, until when that counts
	waiting []*waiter             // longest-waiting first
	polled  time.Time             // when stalled uploads were looked for last
}

// waiter waits for a slot.
type waiter struct {
	peer  peer.ID
	from  netip.Prefix
	ready chan struct{}
}

func newQueue(l serverLimits) *queue {
	return &queue{
		limits: l, slots: l.bodies, grants: make(map[*grant]struct{}),
		held: make(map[peer.ID]int), late: make(map[peer.ID]time.Time), prompt: make(map[peer.ID]time.Time),
	}
}

// take waits for a slot; nil when the queue is full, the wait is too long, or ctx
// ends. evict may be called while the slot is held, to end the upload.
func (q *queue) take(ctx context.Context, who peer.ID, from netip.Prefix, evict func()) *grant {
	w := q.join(who, from)
	if w == nil {
		return nil
	}
	g := &grant{peer: who, evict: evict}
	if !q.await(ctx, w) {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.grants[g] = struct{}{}
	return g
}

// join adds a waiter; nil when no more may wait.
func (q *queue) join(who peer.ID, from netip.Prefix) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	ofAddress := 0
	for _, w := range q.waiting {
		if w.from == from {
			ofAddress++
		}
	}
	if len(q.waiting) >= q.limits.waiters || ofAddress >= q.limits.waitersOfAddress {
		return nil
	}
	w := &waiter{peer: who, from: from, ready: make(chan struct{})}
	q.waiting = append(q.waiting, w)
	q.next()
	return w
}

// await waits, and reports whether w has a slot.
func (q *queue) await(ctx context.Context, w *waiter) bool {
	select {
	case <-w.ready:
		return true
	default:
	}
	end := time.NewTimer(q.limits.queueTime)
	defer end.Stop()
	poll := time.NewTicker(q.limits.pollTime)
	defer poll.Stop()
	for {
		select {
		case <-w.ready:
			return true
		case <-ctx.Done():
			return q.leave(w)
		case <-end.C:
			return q.leave(w)
		case <-poll.C:
			q.evictStalled()
		}
	}
}

// leave removes w, and reports whether it got a slot just now.
func (q *queue) leave(w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, other := range q.waiting {
		if other == w {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			return false
		}
	}
	return true
}

// give gives a slot back.
func (q *queue) give(g *grant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.grants, g)
	q.release(g.peer)
	q.next()
}

func (q *queue) release(who peer.ID) {
	if q.held[who]--; q.held[who] == 0 {
		delete(q.held, who)
	}
}

// resize changes the number of slots; an upload that has one keeps it.
func (q *queue) resize(slots int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.slots = slots
	q.next()
}

// next gives free slots to the waiters that come next.
func (q *queue) next() {
	now := time.Now()
	bodies := 0
	for _, n := range q.held {
		bodies += n
	}
	used := bodies - q.paused(now)
	for ; ; used, bodies = used+1, bodies+1 {
		i := q.best(used, bodies, now)
		if i < 0 {
			return
		}
		w := q.waiting[i]
		q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
		q.held[w.peer]++
		close(w.ready)
	}
}

// limit returns how many slots may be in use before that peer is given one; there may
// be bodiesPerSlot bodies for each. Where there are few slots, all are for everybody.
func (q *queue) limit(who peer.ID, now time.Time) int {
	eighth := q.slots / 8
	switch {
	case now.Before(q.late[who]):
		return q.slots - 4*eighth
	case now.Before(q.prompt[who]):
		return q.slots
	}
	return q.slots - eighth
}

// best returns the index of the waiter that comes next, given the slots in use and the
// bodies under way; -1 if none may.
func (q *queue) best(used, bodies int, now time.Time) int {
	if used >= q.slots || bodies >= q.slots*bodiesPerSlot {
		return -1
	}
	rank := func(w *waiter) int {
		n := q.held[w.peer]
		if now.Before(q.late[w.peer]) {
			n += q.slots * bodiesPerSlot
		}
		return n
	}
	best := -1
	for i, w := range q.waiting {
		limit := q.limit(w.peer, now)
		if used < limit && bodies < limit*bodiesPerSlot && (best < 0 || rank(w) < rank(q.waiting[best])) {
			best = i
		}
	}
	return best
}

// used notes that the peer took all that it had asked for.
func (q *queue) used(g *grant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remember(q.prompt, g.peer)
}

// remember keeps a peer for lateTime; when there are too many, all are forgotten.
func (q *queue) remember(peers map[peer.ID]time.Time, who peer.ID) {
	if len(peers) >= q.limits.addresses {
		clear(peers)
	}
	peers[who] = time.Now().Add(q.limits.lateTime)
}
