package transfer

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// uploads are the blobs being sent, one activity for each puller and blob,
// however many streams it takes.
type uploads struct {
	of   *Activities
	mu   sync.Mutex
	live map[uploadKey]*uploadActivity
}

type uploadKey struct {
	puller peer.ID
	blob   pdx.ContentID
}

type uploadActivity struct {
	*route
	all     *activity
	streams int
	limited meter // nanoseconds a second that the upload limit took
	blocked meter // and that the puller took
}

// begin counts a stream in.
func (s *uploads) begin(puller peer.ID, id pdx.ContentID, size uint64, on network.Conn) *uploadActivity {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := uploadKey{puller, id}
	v := s.live[key]
	if v == nil {
		all := s.of.begin(Serving, id, size)
		v = &uploadActivity{route: all.route(puller), all: all}
		all.explain(v.why)
		s.live[key] = v
	}
	v.streams++
	v.opened(on, 1)
	return v
}

// end counts a stream out.
func (s *uploads) end(puller peer.ID, id pdx.ContentID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := uploadKey{puller, id}
	v := s.live[key]
	v.opened(nil, -1)
	if v.streams--; v.streams == 0 {
		delete(s.live, key)
		v.all.end(nil)
	}
}

// sentBytes counts n bytes for which the limit took waited and the puller took.
func (v *uploadActivity) sentBytes(n int, waited, took time.Duration) {
	v.moved(n)
	v.all.held.Add(uint64(n))
	v.limited.add(int(waited))
	v.blocked.add(int(took))
}

// why is what takes most of the time, if it takes a third of it at all.
func (v *uploadActivity) why() Reason {
	limited, blocked := v.limited.bytesPerSecond(), v.blocked.bytesPerSecond()
	switch third := float64(time.Second) / 3; {
	case limited >= third && limited >= blocked:
		return ReasonLimited
	case blocked >= third:
		return ReasonReader
	default:
		return ReasonNone
	}
}
