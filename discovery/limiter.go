package discovery

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/time/rate"
)

// limiter holds a token bucket and the number of open streams for each peer and
// each address group that the DHT serves. A peer id costs nothing to make, an
// address does.
type limiter struct {
	mu     sync.Mutex
	peers  *lru.Cache[peer.ID, *rate.Limiter]
	groups *lru.Cache[netip.Prefix, *rate.Limiter]
	open   map[any]int // streams by peer.ID and by netip.Prefix
}

func newLimiter() *limiter {
	peers, err := lru.New[peer.ID, *rate.Limiter](trackedPeers)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	groups, err := lru.New[netip.Prefix, *rate.Limiter](trackedPeers)
	if err != nil {
		panic(err)
	}
	return &limiter{peers: peers, groups: groups, open: map[any]int{}}
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
	ofPeer, ofGroup := l.buckets(c)
	first, second := ofPeer.ReserveN(at, tokens), ofGroup.ReserveN(at, tokens)
	delay := max(first.DelayFrom(at), second.DelayFrom(at))
	if delay > maxDelay {
		first.CancelAt(at)
		second.CancelAt(at)
		return 0, false
	}
	return delay, true
}

// charge takes tokens for work that is done: the next request waits for them.
func (l *limiter) charge(c client, tokens int, at time.Time) {
	ofPeer, ofGroup := l.buckets(c)
	ofPeer.ReserveN(at, tokens)
	ofGroup.ReserveN(at, tokens)
}

func (l *limiter) buckets(c client) (ofPeer, ofGroup *rate.Limiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ofPeer, ok := l.peers.Get(c.peer)
	if !ok {
		ofPeer = rate.NewLimiter(peerRate, peerBurst)
		l.peers.Add(c.peer, ofPeer)
	}
	ofGroup, ok = l.groups.Get(c.group)
	if !ok {
		ofGroup = rate.NewLimiter(groupRate, groupBurst)
		l.groups.Add(c.group, ofGroup)
	}
	return ofPeer, ofGroup
}
