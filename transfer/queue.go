package transfer

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// queue shares a number of places among peers. When there are more who want one
// than there are places, the next goes to the peer that holds the fewest, and
// among those to who has waited longest; those that did not use theirs come
// last. Nobody is told to come back unless the queue itself is full.
type queue struct {
	limits limits

	mu      sync.Mutex
	places  int
	turns   map[*turn]struct{}
	held    map[peer.ID]int
	late    map[peer.ID]time.Time // who stalled in its turn, until when it comes last
	waiting []*waiter             // longest-waiting first
}

// turn is a place that somebody has.
type turn struct {
	peer    peer.ID
	evict   func()
	mu      sync.Mutex
	blocked time.Time // since when the peer takes nothing; zero when it does
}

// waiter is one who waits for a place.
type waiter struct {
	peer  peer.ID
	from  netip.Prefix
	ready chan struct{}
}

func newQueue(l limits) *queue {
	return &queue{
		limits: l, places: l.bodies, turns: make(map[*turn]struct{}),
		held: make(map[peer.ID]int), late: make(map[peer.ID]time.Time),
	}
}

// take waits for a place; nil when the queue is full, the wait is too long, or
// ctx ends. evict may be called while the place is held, to end its use.
func (q *queue) take(ctx context.Context, who peer.ID, from netip.Prefix, evict func()) *turn {
	w := q.join(who, from)
	if w == nil {
		return nil
	}
	t := &turn{peer: who, evict: evict}
	if !q.await(ctx, w) {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turns[t] = struct{}{}
	return t
}

// join is nil when nobody more may wait.
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

// await is true when w has a place.
func (q *queue) await(ctx context.Context, w *waiter) bool {
	select {
	case <-w.ready:
		return true
	default:
	}
	end := time.NewTimer(q.limits.queueTime)
	defer end.Stop()
	look := time.NewTicker(q.limits.lookTime)
	defer look.Stop()
	for {
		select {
		case <-w.ready:
			return true
		case <-ctx.Done():
			return q.leave(w)
		case <-end.C:
			return q.leave(w)
		case <-look.C:
			q.evictStalled()
		}
	}
}

// leave takes w out of the queue; true if it got a place just now.
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

// give gives a place back.
func (q *queue) give(t *turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.turns, t)
	q.release(t.peer)
	q.next()
}

func (q *queue) release(who peer.ID) {
	if q.held[who]--; q.held[who] == 0 {
		delete(q.held, who)
	}
}

// resize changes the number of places; who has one keeps it.
func (q *queue) resize(places int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.places = places
	q.next()
}

// next gives free places to those who come next.
func (q *queue) next() {
	used := 0
	for _, n := range q.held {
		used += n
	}
	for ; used < q.places && len(q.waiting) > 0; used++ {
		i := q.best()
		w := q.waiting[i]
		q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
		q.held[w.peer]++
		close(w.ready)
	}
}

// best is who comes next.
func (q *queue) best() (best int) {
	now := time.Now()
	rank := func(w *waiter) int {
		n := q.held[w.peer]
		if now.Before(q.late[w.peer]) {
			n += q.limits.bodies
		}
		return n
	}
	for i, w := range q.waiting {
		if rank(w) < rank(q.waiting[best]) {
			best = i
		}
	}
	return best
}

// evictStalled takes a place from the peer that has taken nothing for longest,
// if that is longer than others should wait for it.
func (q *queue) evictStalled() {
	q.mu.Lock()
	defer q.mu.Unlock()
	var worst *turn
	longest := q.limits.impatience
	for t := range q.turns {
		if d := t.stalled(); d > longest {
			worst, longest = t, d
		}
	}
	if worst == nil {
		return
	}
	if len(q.late) >= q.limits.addresses {
		clear(q.late)
	}
	q.late[worst.peer] = time.Now().Add(q.limits.lateTime)
	worst.evict()
}

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

func (t *turn) stalled() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blocked.IsZero() {
		return 0
	}
	return time.Since(t.blocked)
}
