package discovery

import (
	"math/rand/v2"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// seeds are the peers to dial if none is known, at most maxSeeds.
type seeds struct {
	self peer.ID
	mu   sync.Mutex
	byID map[peer.ID]peer.AddrInfo
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
	}
}

// some returns up to n of them at random.
func (s *seeds) some(n int) []peer.AddrInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]peer.AddrInfo, 0, len(s.byID))
	for _, p := range s.byID {
		all = append(all, p)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}
