package transfer

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/activity"
)

// uploads are the blobs being sent, one activity for each puller and blob,
// however many streams it takes.
type uploads struct {
	of   *activity.Log
	mu   sync.Mutex
	live map[uploadKey]*uploadActivity
}

type uploadKey struct {
	puller peer.ID
	blob   pdx.ContentID
}

type uploadActivity struct {
	*activity.RouteRecorder
	all     *activity.Recorder
	streams int
	limited activity.Meter // nanoseconds a second that the upload limit took
	blocked activity.Meter // and that the puller took
}

// begin counts a stream in.
func (s *uploads) begin(puller peer.ID, id pdx.ContentID, size uint64, on network.Conn) *uploadActivity {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := uploadKey{puller, id}
	v := s.live[key]
	if v == nil {
		all := s.of.Begin(activity.Serving, id, size)
		v = &uploadActivity{RouteRecorder: all.Route(puller), all: all}
		all.Explain(v.why)
		s.live[key] = v
	}
	v.streams++
	v.Opened(on, 1)
	return v
}

// end counts a stream out.
func (s *uploads) end(puller peer.ID, id pdx.ContentID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := uploadKey{puller, id}
	v := s.live[key]
	v.Opened(nil, -1)
	if v.streams--; v.streams == 0 {
		delete(s.live, key)
		v.all.End(nil)
	}
}

// sentBytes counts n bytes for which the limit took waited and the puller took.
func (v *uploadActivity) sentBytes(n int, waited, took time.Duration) {
	v.Moved(n)
	v.all.Held.Add(uint64(n))
	v.limited.Add(int(waited))
	v.blocked.Add(int(took))
}

// why is what takes most of the time, if it takes a third of it at all.
func (v *uploadActivity) why() activity.Reason {
	limited, blocked := v.limited.BytesPerSecond(), v.blocked.BytesPerSecond()
	switch third := float64(time.Second) / 3; {
	case limited >= third && limited >= blocked:
		return activity.ReasonLimited
	case blocked >= third:
		return activity.ReasonReader
	default:
		return activity.ReasonNone
	}
}
