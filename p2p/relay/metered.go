package relay

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"

	"github.com/medibloc/pdx/internal/addrgroup"
)

// meteredHost is the host as the library's service sees it: the streams over which peers
// ask for circuits are counted. Such a stream carries both directions of its circuit.
type meteredHost struct {
	host.Host
	server *Server
}

// SetStreamHandler counts the streams of the relay protocol.
func (h meteredHost) SetStreamHandler(id protocol.ID, handler network.StreamHandler) {
	if id != proto.ProtoIDv2Hop {
		h.Host.SetStreamHandler(id, handler)
		return
	}
	h.Host.SetStreamHandler(id, func(raw network.Stream) {
		group := addrgroup.Of(raw.Conn().RemoteMultiaddr())
		if !h.server.asks.Allow(group, 1, h.server.now()) {
			h.server.refuse(raw.Conn().RemotePeer(), refusedOften)
			_ = raw.ResetWithError(network.StreamRateLimited)
			return
		}
		c := &hop{Stream: raw, server: h.server, group: group, stopped: make(chan struct{})}
		if !h.server.keep(c) {
			_ = raw.Reset()
			return
		}
		handler(c)
	})
}

// A hop is a stream to the peer that asked for a reservation or a circuit. It counts once
// it carries more than the request.
type hop struct {
	network.Stream
	server *Server
	group  netip.Prefix

	mu    sync.Mutex // guards payer and used
	payer *payer     // nil before the first byte beyond the request
	used  int

	counted atomic.Bool // it has a payer
	once    sync.Once
	stopped chan struct{} // closed when the circuit is cut
}

// requestBytes is what a request and its answer take at most; only more makes a circuit.
const requestBytes = 8 << 10

var errCut = errors.New("circuit cut")

// Read counts what the peer sends.
func (c *hop) Read(p []byte) (int, error) {
	n, err := c.Stream.Read(p)
	if failed := c.count(n); failed != nil {
		return 0, failed
	}
	return n, err
}

// Write counts what is sent to the peer.
func (c *hop) Write(p []byte) (int, error) {
	if err := c.count(len(p)); err != nil {
		return 0, err
	}
	return c.Stream.Write(p)
}

// count takes the allowance for n bytes, waits for the rate, or cuts the circuit.
func (c *hop) count(n int) error {
	if n == 0 {
		return nil
	}
	p, counts := c.opened(n)
	if !counts {
		return nil
	}
	wait, why := c.server.meter.take(p, n, c.server.now())
	if why != "" {
		return c.cut(why)
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.stopped:
			return errCut
		}
	}
	c.server.relayed.Add(uint64(n))
	c.server.metrics.bytes.Add(float64(n))
	return nil
}

// opened adds to what the stream has carried. It returns the payer if it is a circuit.
func (c *hop) opened(n int) (p payer, counts bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used += n; c.payer == nil && c.used > requestBytes {
		of := c.server.payerOf(c.Conn().RemotePeer(), c.group)
		c.payer = &of
		c.counted.Store(true)
	}
	if c.payer == nil {
		return p, false
	}
	return *c.payer, true
}

// cut ends the circuit: the library resets both of its streams when one fails.
func (c *hop) cut(why string) error {
	c.once.Do(func() {
		close(c.stopped)
		c.server.metrics.cut.WithLabelValues(why).Inc()
		c.server.cfg.Log.Info("circuit cut", "peer_id", c.Conn().RemotePeer(), "reason", why)
		_ = c.Stream.ResetWithError(network.StreamResourceLimitExceeded)
	})
	return fmt.Errorf("%w: %s", errCut, why)
}

// Close closes the stream when the circuit has ended.
func (c *hop) Close() error {
	c.server.drop(c)
	return c.Stream.Close()
}

// Reset resets the stream when the circuit has failed.
func (c *hop) Reset() error {
	c.server.drop(c)
	return c.Stream.Reset()
}

// keep notes a stream until it ends, and reports whether the server serves.
func (s *Server) keep(c *hop) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on {
		s.hops[c] = struct{}{}
	}
	return s.on
}

func (s *Server) drop(c *hop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.hops, c)
}
