package activity

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

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

// A RouteRecorder records a Route in progress.
type RouteRecorder struct {
	rate Meter

	mu    sync.Mutex // guards the fields below
	fixed Route
	last  time.Time // when bytes were last received or sent
}

func (r *RouteRecorder) snapshot() Route {
	rate := r.rate.BytesPerSecond()
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

// Moved counts n bytes that were verified and kept, or sent.
func (r *RouteRecorder) Moved(n int) {
	r.rate.Add(n)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Bytes += uint64(n)
	r.last = time.Now()
	if r.fixed.Reason == ReasonConnecting || r.fixed.Reason == ReasonRetrying || r.fixed.Reason == ReasonBusy {
		r.fixed.Reason = ReasonNone
	}
}

// Again counts n bytes that another peer had sent already.
func (r *RouteRecorder) Again(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Again += uint64(n)
	r.last = time.Now()
}

// Because records what limits the rate.
func (r *RouteRecorder) Because(reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Reason = reason
}

// Retry counts a failure after which the peer is asked again.
func (r *RouteRecorder) Retry(reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Retries++
	r.fixed.Reason = reason
}

// Ended records why the peer is no longer used; nil is no reason.
func (r *RouteRecorder) Ended(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fixed.Error = err.Error()
	}
}

// SetRTT records the round-trip time.
func (r *RouteRecorder) SetRTT(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.RTT = d
}

// SetConnections records the number of connections.
func (r *RouteRecorder) SetConnections(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed.Connections = n
}

// Opened adds n to the number of open streams; c is the connection of a new one.
func (r *RouteRecorder) Opened(c network.Conn, n int) {
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
