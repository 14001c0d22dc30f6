package stream

import (
	"net/netip"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// slots counts the streams that are served, in all, of each peer, and of each
// address group.
type slots struct {
	limits Limits

	mu     sync.Mutex // guards the rest
	all    int
	peers  map[peer.ID]int
	groups map[netip.Prefix]int
}

func newSlots(l Limits) *slots {
	return &slots{limits: l, peers: make(map[peer.ID]int), groups: make(map[netip.Prefix]int)}
}

// take reports whether there was a slot. Every true needs one give.
func (s *slots) take(id peer.ID, group netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ofPeer := s.limits, s.peers[id]
	if reached(s.all, l.Slots) || reached(ofPeer, l.PerPeer) || reached(s.groups[group], l.PerGroup) ||
		ofPeer == 0 && reached(len(s.peers), l.Peers) {
		return false
	}
	s.all++
	s.peers[id]++
	s.groups[group]++
	return true
}

func (s *slots) give(id peer.ID, group netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	decrease(s.peers, id)
	decrease(s.groups, group)
}

func reached(n, limit int) bool { return limit > 0 && n >= limit }

// decrease counts one less and forgets a count of zero.
func decrease[K comparable](counts map[K]int, key K) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}
