package transfer

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

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

// Activity is a snapshot of one transfer.
type Activity struct {
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
func (a Activity) Rate() (sum float64) {
	for _, r := range a.Routes {
		sum += r.Rate
	}
	return sum
}

// A Route is the part of a transfer with one peer.
type Route struct {
	Peer        peer.ID
	Address     string // multiaddr of the peer; empty without a connection
	Transport   string // tcp, quic-v1, …
	Relayed     bool
	RTT         time.Duration // 0 while it is not known
	Connections int
	Streams     int     // open now
	Rate        float64 // bytes per second
	Bytes       uint64  // verified and kept (pull), or sent (serve)
	Again       uint64  // bytes received that another peer had sent already
	Retries     uint64
	Reason      Reason
	Error       string // why the peer is no longer used; empty while it is used
}

// Activities records the transfers in progress and the last 64 that ended. Clients and
// Servers can share one.
type Activities struct {
	mu    sync.Mutex // guards the fields below
	next  uint64
	live  map[uint64]*activity
	ended []Activity // newest last
}

// keptActivities is how many ended transfers are recorded, about 1 KiB each.
const keptActivities = 64

// NewActivities returns an Activities without transfers.
func NewActivities() *Activities { return &Activities{live: make(map[uint64]*activity)} }

// List returns the recorded transfers, oldest first.
func (a *Activities) List() []Activity {
	a.mu.Lock()
	out := slices.Clone(a.ended)
	live := make([]*activity, 0, len(a.live))
	for _, t := range a.live {
		live = append(live, t)
	}
	a.mu.Unlock()
	for _, t := range live {
		out = append(out, t.snapshot())
	}
	slices.SortFunc(out, func(x, y Activity) int { return int(int64(x.ID) - int64(y.ID)) })
	return out
}

func (a *Activities) begin(d Direction, id pdx.ContentID, size uint64) *activity {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	t := &activity{
		of: a, fixed: Activity{ID: a.next, Direction: d, Blob: id, Started: time.Now()},
		routes: make(map[peer.ID]*route), reason: func() Reason { return ReasonNone },
	}
	t.size.Store(size)
	a.live[t.fixed.ID] = t
	return t
}

// activity is a transfer under way, as it is recorded.
type activity struct {
	of               *Activities
	fixed            Activity
	size, held       atomic.Uint64
	blobs, blobsHeld atomic.Uint64

	mu     sync.Mutex // guards the fields below
	routes map[peer.ID]*route
	reason func() Reason
}

func (t *activity) explain(reason func() Reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reason = reason
}

// end records that the transfer is over.
func (t *activity) end(err error) {
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
	if t.of.ended = append(t.of.ended, last); len(t.of.ended) > keptActivities {
		t.of.ended = slices.Delete(t.of.ended, 0, 1)
	}
}

func (t *activity) snapshot() Activity {
	out := t.fixed
	out.Size, out.Held = t.size.Load(), t.held.Load()
	out.Blobs, out.BlobsHeld = t.blobs.Load(), t.blobsHeld.Load()
	t.mu.Lock()
	reason := t.reason
	routes := make([]*route, 0, len(t.routes))
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

// route returns the route to a peer, made if need be.
func (t *activity) route(id peer.ID) *route {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.routes[id]
	if r == nil {
		r = &route{fixed: Route{Peer: id, Connections: 1, Reason: ReasonConnecting}}
		t.routes[id] = r
	}
	return r
}

// route is a Route under way, as it is recorded.
type route struct {
	rate meter

	mu    sync.Mutex // guards the fields below
	fixed Route
	last  time.Time // when bytes were last received or sent
}

func (r *route) snapshot() Route {
	rate := r.rate.bytesPerSecond()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.fixed
	out.Rate = rate
	if out.Error != "" {
		out.Rate, out.Reason = 0, ReasonNone
	}
	if out.Reason == ReasonNone && out.Error == "" && !r.last.IsZero() && time.Since(r.last) > stalledAfter {
		out.Reason = ReasonStalled
	}
	return out
}

// stalledAfter is how long a route may move nothing before it is called stalled.
const stalledAfter = 3 * time.Second

// moved counts n bytes that were verified and kept, or sent.
func (r *route) moved(n int) {
	r.rate.add(n)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Bytes += uint64(n)
	r.last = time.Now()
	if r.fixed.Reason == ReasonConnecting || r.fixed.Reason == ReasonRetrying || r.fixed.Reason == ReasonBusy {
		r.fixed.Reason = ReasonNone
	}
}

func (r *route) again(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Again += uint64(n)
	r.last = time.Now()
}

func (r *route) because(reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Reason = reason
}

func (r *route) retry(reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Retries++
	r.fixed.Reason = reason
}

func (r *route) ended(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fixed.Error = err.Error()
	}
}

func (r *route) setRTT(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.RTT = d
}

func (r *route) setConnections(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Connections = n
}

// opened adds n to the number of open streams; c is the connection of a new one.
func (r *route) opened(c network.Conn, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Streams += n
	if c != nil {
		addr := c.RemoteMultiaddr()
		r.fixed.Address, r.fixed.Transport = addr.String(), transportOf(addr)
		_, err := addr.ValueForProtocol(multiaddr.P_CIRCUIT)
		r.fixed.Relayed = c.Stat().Limited || err == nil
	}
}

// transportOf returns the name of a connection's transport.
func transportOf(addr multiaddr.Multiaddr) string {
	for _, p := range []int{multiaddr.P_CIRCUIT, multiaddr.P_QUIC_V1, multiaddr.P_WEBTRANSPORT, multiaddr.P_WS, multiaddr.P_TCP} {
		if _, err := addr.ValueForProtocol(p); err == nil {
			return multiaddr.ProtocolWithCode(p).Name
		}
	}
	return "other"
}
