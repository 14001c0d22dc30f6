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
// last. An eighth of the places is for peers that lately took all that they had
// asked for, and half for peers that did not stall. And who takes nothing in its
// turn has no place meanwhile, up to a bound, so that a crowd that asks and does
// not read keeps others waiting hardly longer than it takes to see that. Nobody is
// told to come back unless the queue itself is full.
type queue struct {
	limits serverLimits

	mu      sync.Mutex
	places  int
	turns   map[*turn]struct{}
	held    map[peer.ID]int
	late    map[peer.ID]time.Time // who stalled in its turn, until when it comes last
	prompt  map[peer.ID]time.Time // who took all of its turn, until when that counts
	waiting []*waiter             // longest-waiting first
	looked  time.Time             // when somebody last looked for who stalls
}

// waiter is one who waits for a place.
type waiter struct {
	peer  peer.ID
	from  netip.Prefix
	ready chan struct{}
}

func newQueue(l serverLimits) *queue {
	return &queue{
		limits: l, places: l.bodies, turns: make(map[*turn]struct{}),
		held: make(map[peer.ID]int), late: make(map[peer.ID]time.Time), prompt: make(map[peer.ID]time.Time),
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
	look := time.NewTicker(q.limits.pollTime)
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
			q.look()
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

// room is how many places may be in use before that peer is given one; there may be
// bodiesPerPlace bodies for each. Where there are few, all are for everybody.
func (q *queue) room(who peer.ID, now time.Time) int {
	eighth := q.places / 8
	switch {
	case now.Before(q.late[who]):
		return q.places - 4*eighth
	case now.Before(q.prompt[who]):
		return q.places
	}
	return q.places - eighth
}

// best is who comes next when so many places are in use, and so many bodies under
// way; -1 if nobody may.
func (q *queue) best(used, bodies int, now time.Time) int {
	if used >= q.places || bodies >= q.places*bodiesPerPlace {
		return -1
	}
	rank := func(w *waiter) int {
		n := q.held[w.peer]
		if now.Before(q.late[w.peer]) {
			n += q.places * bodiesPerPlace
		}
		return n
	}
	best := -1
	for i, w := range q.waiting {
		room := q.room(w.peer, now)
		if used < room && bodies < room*bodiesPerPlace && (best < 0 || rank(w) < rank(q.waiting[best])) {
			best = i
		}
	}
	return best
}

// used says that the peer took all that it had asked for in its turn.
func (q *queue) used(t *turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remember(q.prompt, t.peer)
}

// remember keeps a peer for lateTime; when there are too many, all are forgotten.
func (q *queue) remember(peers map[peer.ID]time.Time, who peer.ID) {
	if len(peers) >= q.limits.addresses {
		clear(peers)
	}
	peers[who] = time.Now().Add(q.limits.lateTime)
}
