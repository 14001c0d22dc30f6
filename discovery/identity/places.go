package identity

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// places are the greetings served at once, in all and per peer.
type places struct {
	mu    sync.Mutex
	total int
	taken map[peer.ID]int
}

func newPlaces() *places { return &places{taken: make(map[peer.ID]int)} }

// take is false when all places, or all of this peer, are taken.
func (p *places) take(id peer.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total == maxStreams || p.taken[id] == maxStreamsPerPeer {
		return false
	}
	p.total++
	p.taken[id]++
	return true
}

func (p *places) leave(id peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total--
	if p.taken[id]--; p.taken[id] == 0 {
		delete(p.taken, id)
	}
}
