package transfer

import (
	"container/list"
	"sync"
)

// pending holds the streams whose request has not come. A new one always fits: when
// most of them wait, the one that has been silent longest is evicted. An honest
// request comes with its stream, so it is served before it is evicted.
type pending struct {
	most    int
	mu      sync.Mutex
	streams list.List // of func(), which evict a stream; the oldest first
}

// enter adds a stream, which evict ends.
func (p *pending) enter(evict func()) *list.Element {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams.Len() >= p.most {
		oldest := p.streams.Remove(p.streams.Front()).(func())
		oldest()
	}
	return p.streams.PushBack(evict)
}

// leave removes a stream, if it is still there.
func (p *pending) leave(e *list.Element) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams.Remove(e)
}

// count returns how many there are.
func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.streams.Len()
}
