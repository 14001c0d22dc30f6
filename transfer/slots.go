package transfer

import "sync"

// slots share a fixed number of places among peers: one peer may hold at most
// half of what is still free. So a peer that is alone gets a third of all, a
// peer that takes all it can get leaves room for others, and no fixed cap starves
// a busy honest one.
type slots[K comparable] struct {
	mu   sync.Mutex
	free int
	held map[K]int
}

func newSlots[K comparable](n int) *slots[K] {
	return &slots[K]{free: n, held: make(map[K]int)}
}

// take is false when key must wait. A place taken must be given back.
func (s *slots[K]) take(key K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == 0 || (s.held[key] > 0 && s.held[key] >= s.free/2) {
		return false
	}
	s.free--
	s.held[key]++
	return true
}

func (s *slots[K]) give(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	if s.held[key]--; s.held[key] == 0 {
		delete(s.held, key)
	}
}
