package perf

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
)

// guests are the peers that are measured now, places of them at most.
type guests struct {
	mu      sync.Mutex
	streams map[peer.ID]int // at least 1 of each
}

// enter lets one more stream of the peer in, if there is a place for the peer and it
// has not maxStreams.
func (g *guests) enter(id peer.ID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, in := g.streams[id]
	if n >= maxStreams || !in && len(g.streams) >= places {
		return false
	}
	g.streams[id] = n + 1
	return true
}

// leave ends a stream that entered; the place is free with the last.
func (g *guests) leave(id peer.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.streams[id]--; g.streams[id] == 0 {
		delete(g.streams, id)
	}
}
