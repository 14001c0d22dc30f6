package discovery

import (
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/internal/ratelimit"
)

// limiter holds a token bucket and the number of open streams for each peer and
// each address group that the DHT serves. A peer id costs nothing to make, an
// address does.
type limiter struct {
	peers  *ratelimit.Buckets[peer.ID]
	groups *ratelimit.Buckets[netip.Prefix]

	mu   sync.Mutex
	open map[any]int // streams by peer.ID and by netip.Prefix
}

func newLimiter() *limiter {
	return &limiter{
		peers:  ratelimit.New[peer.ID](rateOf(peerRate, peerBurst), trackedPeers),
		groups: ratelimit.New[netip.Prefix](rateOf(groupRate, groupBurst), trackedPeers),
		open:   map[any]int{},
	}
}

// rateOf returns a bucket's rate. A burst is more than maxDelay refills and more than one
// answer costs, so it is all that can be owed.
func rateOf(perSecond, burst float64) ratelimit.Rate {
	return ratelimit.Rate{PerSecond: perSecond, Burst: burst, Debt: burst}
}

// client is one peer at one address.
type client struct {
	peer  peer.ID
	group netip.Prefix
}

// enter counts a new stream and reports whether the client may have it. Every
// true needs one leave.
func (l *limiter) enter(c client) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[c.peer] >= maxPeerStreams || l.open[c.group] >= maxGroupStreams {
		return false
	}
	l.open[c.peer]++
	l.open[c.group]++
	return true
}

func (l *limiter) leave(c client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range []any{c.peer, c.group} {
		if l.open[key]--; l.open[key] == 0 {
			delete(l.open, key)
		}
	}
}

// take takes tokens at a time and returns how long to wait before the work that
// they pay for. When that is longer than maxDelay it takes none and is false.
func (l *limiter) take(c client, tokens int, at time.Time) (time.Duration, bool) {
	ofPeer, ok := l.peers.Reserve(c.peer, tokens, maxDelay, at)
	if !ok {
		return 0, false
	}
	ofGroup, ok := l.groups.Reserve(c.group, tokens, maxDelay, at)
	if !ok {
		l.peers.Charge(c.peer, -tokens, at)
		return 0, false
	}
	return max(ofPeer, ofGroup), true
}

// charge takes tokens for work that is done: the next request waits for them.
func (l *limiter) charge(c client, tokens int, at time.Time) {
	l.peers.Charge(c.peer, tokens, at)
	l.groups.Charge(c.group, tokens, at)
}
