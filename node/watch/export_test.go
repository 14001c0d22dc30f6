package watch

import "cmp"

// Watches is how many readers watch a map.
func Watches[K cmp.Ordered, V any](m *Map[K, V]) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.watches)
}
