//go:build linux

package netlab

import (
	"sync/atomic"
	"time"
)

// ring holds packets under way, one after the other in one piece of memory. One
// goroutine pushes and another frees, in the same order.
type ring struct {
	memory  []byte
	packets chan packet
	head    uint64        // bytes ever taken, by the pusher only
	tail    atomic.Uint64 // bytes ever freed
}

// packet is one under way.
type packet struct {
	data []byte
	due  time.Time
	end  uint64 // head after it
}

// smallest is what a packet takes at least on average: acknowledgements of 52 bytes and
// their header. It bounds how many are under way.
const smallest = 128

func newRing(size int) *ring {
	size = max(size, 2*maxPacket)
	return &ring{memory: make([]byte, size), packets: make(chan packet, size/smallest)}
}

// reserve returns memory for the next packet, or nil if there is none. A packet does not wrap
// around the end: the rest there is skipped.
func (r *ring) reserve() []byte {
	size := uint64(len(r.memory))
	at := r.head % size
	skip := uint64(0)
	if size-at < maxPacket {
		skip, at = size-at, 0
	}
	if r.head+skip+maxPacket-r.tail.Load() > size || len(r.packets) == cap(r.packets) {
		return nil
	}
	r.head += skip
	return r.memory[at : at+maxPacket]
}

// push keeps the n bytes that were read into what reserve returned.
func (r *ring) push(n int, due time.Time) {
	at := r.head % uint64(len(r.memory))
	r.head += uint64(n)
	r.packets <- packet{data: r.memory[at : at+uint64(n)], due: due, end: r.head}
}

// free releases the memory of a packet.
func (r *ring) free(p packet) { r.tail.Store(p.end) }

func (r *ring) close() { close(r.packets) }
