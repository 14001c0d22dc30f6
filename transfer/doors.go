package transfer

import (
	"container/list"
	"sync"
)

// doors are the streams that have not said yet what they want. There is always
// room for one more: when there is not, the one that has said nothing for
// longest goes. An honest request comes with its stream, so it is served before
// the next comes; who opens streams and says nothing loses them.
type doors struct {
	most int
	mu   sync.Mutex
	open list.List // of func(), which close a door; the oldest first
}

// enter adds a stream, which evict ends.
func (d *doors) enter(evict func()) *list.Element {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.Len() >= d.most {
		oldest := d.open.Remove(d.open.Front()).(func())
		oldest()
	}
	return d.open.PushBack(evict)
}

// leave removes a stream, if it is still there.
func (d *doors) leave(e *list.Element) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open.Remove(e)
}

// count is how many there are.
func (d *doors) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open.Len()
}
