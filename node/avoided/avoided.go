// Package avoided remembers peers that were tried in a search and were not the right one.
package avoided

import (
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// leastTime and mostTime bound how long a peer that did not answer, or did not name
	// its account, is left out of searches: it doubles with each failure. The node of an
	// honest peer may be starting, or its ledger a block behind.
	leastTime, mostTime = 10 * time.Second, 10 * time.Minute
	// otherTime is how long a peer is left out that spoke for another account.
	otherTime = time.Hour
	// maxPeers bounds the remembered peers, about 200 bytes each, once for those that
	// were reached and once for those that were not; maxGroupPeers those of one group.
	maxPeers, maxGroupPeers = 4096, 512
)

// A List holds peers that announced themselves and were not the one that was sought. Peer
// ids cost nothing, so what is remembered is bounded by address group: a group that fills
// its part only pushes out its own peers. The addresses of peers that could not be reached
// are only claims; those peers have a part of their own. A List is safe for concurrent use;
// make one with New.
type List struct {
	mu      sync.Mutex
	reached part
	claimed part
}

type part struct {
	peers  map[peer.ID]*avoidance
	groups map[netip.Prefix]map[peer.ID]*avoidance
}

// avoidance is what is known of a peer that is avoided.
type avoidance struct {
	group netip.Prefix
	fails int
	last  time.Time
	until time.Time
}

// New returns an empty List.
func New() *List { return &List{reached: newPart(), claimed: newPart()} }

func newPart() part {
	return part{peers: map[peer.ID]*avoidance{}, groups: map[netip.Prefix]map[peer.ID]*avoidance{}}
}

// Now reports whether a peer is to be left out now.
func (a *List) Now(id peer.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range []part{a.reached, a.claimed} {
		if x := p.peers[id]; x != nil && time.Now().Before(x.until) {
			return true
		}
	}
	return false
}

// Fails returns how often a peer failed, as far as that is remembered.
func (a *List) Fails(id peer.ID) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range []part{a.reached, a.claimed} {
		if x := p.peers[id]; x != nil {
			n += x.fails
		}
	}
	return n
}

// Silent notes that a peer did not answer, or did not say who it is. group is that of the
// address at which it was reached, or else of one that it claims.
func (a *List) Silent(id peer.ID, group netip.Prefix, reached bool) {
	a.add(id, group, reached, leastTime)
}

// Other notes that a peer, which was reached at an address of group, is another one.
func (a *List) Other(id peer.ID, group netip.Prefix) { a.add(id, group, true, otherTime) }

func (a *List) add(id peer.ID, group netip.Prefix, reached bool, least time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if reached {
		a.reached.add(id, group, least)
		return
	}
	a.claimed.add(id, group, least)
}

// Forget forgets a peer that turned out to be the right one.
func (a *List) Forget(id peer.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reached.remove(id)
	a.claimed.remove(id)
}

func (p part) add(id peer.ID, group netip.Prefix, least time.Duration) {
	fails := 0
	if old := p.peers[id]; old != nil {
		fails = old.fails
		p.remove(id)
	}
	if len(p.groups[group]) >= maxGroupPeers {
		p.dropOldest(p.groups[group])
	}
	if len(p.peers) >= maxPeers {
		p.dropOldest(p.largest())
	}
	now := time.Now()
	wait := min(least<<min(fails, 16), max(least, mostTime))
	x := &avoidance{group: group, fails: fails + 1, last: now, until: now.Add(wait)}
	p.peers[id] = x
	if p.groups[group] == nil {
		p.groups[group] = map[peer.ID]*avoidance{}
	}
	p.groups[group][id] = x
}

func (p part) remove(id peer.ID) {
	x := p.peers[id]
	if x == nil {
		return
	}
	delete(p.peers, id)
	if delete(p.groups[x.group], id); len(p.groups[x.group]) == 0 {
		delete(p.groups, x.group)
	}
}

func (p part) largest() (most map[peer.ID]*avoidance) {
	for _, g := range p.groups {
		if len(g) > len(most) {
			most = g
		}
	}
	return most
}

func (p part) dropOldest(group map[peer.ID]*avoidance) {
	var oldest peer.ID
	for id, x := range group {
		if oldest == "" || x.last.Before(group[oldest].last) {
			oldest = id
		}
	}
	p.remove(oldest)
}
