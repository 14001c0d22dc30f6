package alive

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// bulk is the least number of bytes that a stream sends in one piece for Traffic to take it as
// progress: a question, which is written into the socket's buffer also when the path is dead, is
// shorter.
const bulk = 4 << 10

// Traffic remembers when streams last moved bytes with each peer. It is a reporter of
// bandwidth, which libp2p's host tells of all streams.
type Traffic struct {
	metrics.Reporter // for the other methods, and never told anything

	mu    sync.Mutex
	moved map[peer.ID]time.Time
}

// NewTraffic returns a Traffic without a peer.
func NewTraffic() *Traffic {
	return &Traffic{Reporter: metrics.NewBandwidthCounter(), moved: map[peer.ID]time.Time{}}
}

// Moved returns when bytes came from a peer, or many were accepted for it; the zero time for never.
func (t *Traffic) Moved(id peer.ID) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.moved[id]
}

// keep forgets peers that are not connected.
func (t *Traffic) keep(connected func(peer.ID) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id := range t.moved {
		if !connected(id) {
			delete(t.moved, id)
		}
	}
}

func (t *Traffic) note(id peer.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moved[id] = time.Now()
}

// LogRecvMessageStream notes that bytes came; the host calls it for a failed read, too.
func (t *Traffic) LogRecvMessageStream(n int64, _ protocol.ID, id peer.ID) {
	if n > 0 {
		t.note(id)
	}
}

// LogSentMessageStream notes that bytes were accepted.
func (t *Traffic) LogSentMessageStream(n int64, _ protocol.ID, id peer.ID) {
	if n >= bulk {
		t.note(id)
	}
}

// LogSentMessage does nothing.
func (t *Traffic) LogSentMessage(int64) {}

// LogRecvMessage does nothing.
func (t *Traffic) LogRecvMessage(int64) {}
