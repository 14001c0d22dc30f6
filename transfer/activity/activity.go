package activity

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// A Direction says whether a transfer is a pull or an upload.
type Direction string

// The two directions.
const (
	Pulling Direction = "pull"
	Serving Direction = "serve"
)

// A Reason says what limits the rate of a transfer.
type Reason string

// The reasons. They are few and fixed: metrics may use them as labels.
const (
	ReasonNone       Reason = ""           // only the path limits it
	ReasonConnecting Reason = "connecting" // no byte has arrived yet
	ReasonChecking   Reason = "checking"   // this machine's processor is slower at hashing
	ReasonWriting    Reason = "writing"    // this machine's disk is slower
	ReasonBusy       Reason = "busy"       // the peer serves others first
	ReasonRetrying   Reason = "retrying"   // the peer failed and is asked again
	ReasonStalled    Reason = "stalled"    // the peer sends nothing
	ReasonQueued     Reason = "queued"     // this machine serves others first
	ReasonLimited    Reason = "limited"    // the upload limit of this machine
	ReasonReader     Reason = "reader"     // the peer does not read faster
)

// A Transfer is a snapshot of one transfer.
type Transfer struct {
	ID        uint64 // unique in this process
	Direction Direction
	Blob      pdx.ContentID // the first blob if there are several
	Size      uint64        // of the blob in bytes; 0 while it is not known
	Held      uint64        // bytes that are stored (pull) or that this transfer sent (serve)
	Blobs     uint64        // number of blobs of a PullMany; 0 for a single blob, or if not known
	BlobsHeld uint64        // number of them that are durable (pull) or were sent (serve)
	Started   time.Time
	Ended     time.Time // zero while in progress
	Error     string    // why the transfer failed; empty if it did not
	Reason    Reason
	Routes    []Route
}

// Rate returns the sum of the routes' rates, in bytes per second.
func (a Transfer) Rate() (sum float64) {
	for _, r := range a.Routes {
		sum += r.Rate
	}
	return sum
}

// A Log records the transfers in progress and the last 64 that ended. Clients and Servers can
// share one.
type Log struct {
	mu    sync.Mutex // guards the fields below
	next  uint64
	live  map[uint64]*Recorder
	ended []Transfer // newest last
}

// keptTransfers is how many ended transfers are recorded, about 1 KiB each.
const keptTransfers = 64

// NewLog returns a Log without transfers.
func NewLog() *Log { return &Log{live: make(map[uint64]*Recorder)} }

// List returns the recorded transfers, oldest first.
func (a *Log) List() []Transfer {
	a.mu.Lock()
	out := slices.Clone(a.ended)
	live := make([]*Recorder, 0, len(a.live))
	for _, t := range a.live {
		live = append(live, t)
	}
	a.mu.Unlock()
	for _, t := range live {
		out = append(out, t.snapshot())
	}
	slices.SortFunc(out, func(x, y Transfer) int { return int(int64(x.ID) - int64(y.ID)) })
	return out
}

// Begin records a transfer of a blob, until its End. A size of 0 is not known yet.
func (a *Log) Begin(d Direction, id pdx.ContentID, size uint64) *Recorder {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	t := &Recorder{
		of: a, fixed: Transfer{ID: a.next, Direction: d, Blob: id, Started: time.Now()},
		routes: make(map[peer.ID]*RouteRecorder), reason: func() Reason { return ReasonNone },
	}
	t.Size.Store(size)
	a.live[t.fixed.ID] = t
	return t
}

// A Recorder records a transfer in progress. Size, Held, Blobs and BlobsHeld are those of its
// Transfer.
type Recorder struct {
	Size, Held       atomic.Uint64
	Blobs, BlobsHeld atomic.Uint64

	of     *Log
	fixed  Transfer
	mu     sync.Mutex // guards the fields below
	routes map[peer.ID]*RouteRecorder
	reason func() Reason
}

// Explain has reason say what limits the rate. It is called for each snapshot.
func (t *Recorder) Explain(reason func() Reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reason = reason
}

// End records that the transfer is over.
func (t *Recorder) End(err error) {
	last := t.snapshot()
	last.Ended, last.Reason = time.Now(), ReasonNone
	if err != nil {
		last.Error = err.Error()
	}
	for i := range last.Routes {
		last.Routes[i].Streams, last.Routes[i].Reason = 0, ReasonNone
	}
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	delete(t.of.live, t.fixed.ID)
	if t.of.ended = append(t.of.ended, last); len(t.of.ended) > keptTransfers {
		t.of.ended = slices.Delete(t.of.ended, 0, 1)
	}
}

func (t *Recorder) snapshot() Transfer {
	out := t.fixed
	out.Size, out.Held = t.Size.Load(), t.Held.Load()
	out.Blobs, out.BlobsHeld = t.Blobs.Load(), t.BlobsHeld.Load()
	t.mu.Lock()
	reason := t.reason
	routes := make([]*RouteRecorder, 0, len(t.routes))
	for _, r := range t.routes {
		routes = append(routes, r)
	}
	t.mu.Unlock()
	out.Reason = reason()
	for _, r := range routes {
		out.Routes = append(out.Routes, r.snapshot())
	}
	slices.SortFunc(out.Routes, func(x, y Route) int {
		if x.Peer < y.Peer {
			return -1
		}
		return 1
	})
	return out
}

// Route returns the recorder of the route to a peer, made if need be.
func (t *Recorder) Route(id peer.ID) *RouteRecorder {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.routes[id]
	if r == nil {
		r = &RouteRecorder{fixed: Route{Peer: id, Connections: 1, Reason: ReasonConnecting}}
		t.routes[id] = r
	}
	return r
}
