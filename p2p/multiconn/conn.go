package multiconn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/multiformats/go-multiaddr"
)

// laneKey is the key of a lane in a context.
type laneKey struct{}

// On asks for the stream that is opened with the context to go over that lane:
// 0 is the first connection. A number beyond the lanes there are stands for its
// remainder.
func On(ctx context.Context, lane int) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// Conn is a connection that can be widened. network.Conn.As finds it.
type Conn struct {
	transport.CapableConn // the first lane
	dialer                transport.Transport
	dialled               multiaddr.Multiaddr // nil when the peer dialled
	rtt                   time.Duration       // 0 when the peer dialled

	accepted chan network.MuxedStream
	gone     chan struct{} // closed when nobody accepts any more
	closed   chan struct{} // with the first lane
	err      error         // why, when closed is

	widening sync.Mutex // one Widen at a time

	mu     sync.Mutex
	extra  []transport.CapableConn
	leases int
	done   bool
}

func newConn(dialer transport.Transport, first transport.CapableConn, dialled multiaddr.Multiaddr) *Conn {
	c := &Conn{
		CapableConn: first, dialer: dialer, dialled: dialled,
		accepted: make(chan network.MuxedStream), gone: make(chan struct{}), closed: make(chan struct{}),
	}
	go func() {
		c.err = c.pump(first)
		close(c.closed)
	}()
	return c
}

// pump hands on the streams that the peer opens on a lane, until the lane ends.
func (c *Conn) pump(lane transport.CapableConn) error {
	for {
		s, err := lane.AcceptStream()
		if err != nil {
			return err
		}
		select {
		case c.accepted <- s:
		case <-c.gone:
			_ = s.Reset()
			return errClosed
		case <-c.closed:
			_ = s.Reset()
			return errClosed
		}
	}
}

var errClosed = errors.New("the connection is closed")

// AcceptStream is the next stream that the peer opens, on any lane.
func (c *Conn) AcceptStream() (network.MuxedStream, error) {
	select {
	case s := <-c.accepted:
		return s, nil
	case <-c.closed:
		return nil, c.err
	}
}

// OpenStream opens a stream on the lane that the context names.
func (c *Conn) OpenStream(ctx context.Context) (network.MuxedStream, error) {
	return c.lane(ctx).OpenStream(ctx)
}

func (c *Conn) lane(ctx context.Context) transport.CapableConn {
	n, _ := ctx.Value(laneKey{}).(int)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.extra = slices.DeleteFunc(c.extra, func(e transport.CapableConn) bool { return e.IsClosed() })
	if n %= len(c.extra) + 1; n > 0 {
		return c.extra[n-1]
	}
	return c.CapableConn
}

// As finds a *Conn, or what the first lane is.
func (c *Conn) As(target any) bool {
	if t, ok := target.(**Conn); ok {
		*t = c
		return true
	}
	return c.CapableConn.As(target)
}

// Stat is that of the first lane.
func (c *Conn) Stat() network.ConnStats {
	if s, ok := c.CapableConn.(network.ConnStat); ok {
		return s.Stat()
	}
	return network.ConnStats{}
}

// RTT is about the round-trip time of the path, as dialling showed it: rather too
// long than too short, by the time that the machines took. 0 when the peer
// dialled.
func (c *Conn) RTT() time.Duration { return c.rtt }

// Close closes all lanes.
func (c *Conn) Close() error {
	c.end()
	return c.CapableConn.Close()
}

// CloseWithError closes all lanes with that code.
func (c *Conn) CloseWithError(code network.ConnErrorCode) error {
	c.end()
	return c.CapableConn.CloseWithError(code)
}

func (c *Conn) end() {
	c.mu.Lock()
	if !c.done {
		close(c.gone)
	}
	c.done = true
	extra := c.extra
	c.extra = nil
	c.mu.Unlock()
	closeAll(extra)
}

func closeAll(conns []transport.CapableConn) {
	for _, e := range conns {
		_ = e.Close()
	}
}
