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

// indexKey is the key of a connection in a context.
type indexKey struct{}

// On returns a context that makes OpenStream use the connection of that index, modulo
// the number of connections. Index 0 is the first connection.
func On(ctx context.Context, index int) context.Context {
	return context.WithValue(ctx, indexKey{}, index)
}

// A Conn is a connection to which Widen adds others. Direct, or As of a network.Conn,
// returns the Conn behind a libp2p connection.
type Conn struct {
	transport.CapableConn // the first connection
	dialer                transport.Transport
	dialled               multiaddr.Multiaddr // nil when the peer dialled
	rtt                   time.Duration       // 0 when the peer dialled

	accepted chan network.MuxedStream
	gone     chan struct{} // closed when streams are no longer accepted
	closed   chan struct{} // with the first connection
	err      error         // set before closed is closed

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

// pump passes on the streams that the peer opens on a connection, until it ends.
func (c *Conn) pump(conn transport.CapableConn) error {
	for {
		s, err := conn.AcceptStream()
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

// AcceptStream returns the next stream that the peer opens on any connection.
func (c *Conn) AcceptStream() (network.MuxedStream, error) {
	select {
	case s := <-c.accepted:
		return s, nil
	case <-c.closed:
		return nil, c.err
	}
}

// OpenStream opens a stream on the connection that the context names, or else on the
// first.
func (c *Conn) OpenStream(ctx context.Context) (network.MuxedStream, error) {
	return c.pick(ctx).OpenStream(ctx)
}

func (c *Conn) pick(ctx context.Context) transport.CapableConn {
	n, _ := ctx.Value(indexKey{}).(int)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.extra = slices.DeleteFunc(c.extra, func(e transport.CapableConn) bool { return e.IsClosed() })
	if n %= len(c.extra) + 1; n > 0 {
		return c.extra[n-1]
	}
	return c.CapableConn
}

// As sets target to c if it is a **Conn, and otherwise asks the first connection.
func (c *Conn) As(target any) bool {
	if t, ok := target.(**Conn); ok {
		*t = c
		return true
	}
	return c.CapableConn.As(target)
}

// Stat returns the statistics of the first connection.
func (c *Conn) Stat() network.ConnStats {
	if s, ok := c.CapableConn.(network.ConnStat); ok {
		return s.Stat()
	}
	return network.ConnStats{}
}

// RTT returns the round-trip time of the path as measured while dialling, which
// includes the time that both machines needed for the handshake. It is 0 if the peer
// dialled.
func (c *Conn) RTT() time.Duration { return c.rtt }

// Close closes all connections.
func (c *Conn) Close() error {
	c.end()
	return c.CapableConn.Close()
}

// CloseWithError closes all connections with that code.
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
