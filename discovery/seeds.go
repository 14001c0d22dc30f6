package discovery

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// seeds are the peers to dial if none is known, at most maxSeeds.
type seeds struct {
	self  peer.ID
	mu    sync.Mutex
	byID  map[peer.ID]peer.AddrInfo
	queue []peer.ID // all of them, the next one to dial first
}

func newSeeds(self peer.ID, first []peer.AddrInfo) *seeds {
	s := &seeds{self: self, byID: make(map[peer.ID]peer.AddrInfo)}
	s.add(first)
	return s
}

// add adds peers, replacing what is known of them; beyond maxSeeds it drops new ones.
func (s *seeds) add(peers []peer.AddrInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range peers {
		_, known := s.byID[p.ID]
		if p.ID == s.self || p.ID == "" || (!known && len(s.byID) == maxSeeds) {
			continue
		}
		s.byID[p.ID] = p
		if !known { // at random, so that not all nodes dial the same ones first
			s.queue = slices.Insert(s.queue, rand.IntN(len(s.queue)+1), p.ID)
		}
	}
}

// next returns up to n of them, none a second time before all others.
func (s *seeds) next(n int) []peer.AddrInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(n, len(s.queue))
	picked := make([]peer.AddrInfo, n)
	for i, id := range s.queue[:n] {
		picked[i] = s.byID[id]
	}
	s.queue = append(s.queue[n:], s.queue[:n]...)
	return picked
}
