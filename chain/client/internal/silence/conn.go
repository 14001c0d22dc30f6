package silence

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
)

// A conn ends a connection whose other side is silent: nothing was read for a while
// since the first unanswered write, or since the last read. It detects every black hole that
// leaves a connection open: a path that is gone after a change of address, a proxy that
// accepts everything and forwards nothing, a sleeping machine. It sends no pings, which a
// server could refuse, and needs no support of the operating system.
type conn struct {
	net.Conn
	silence time.Duration

	mu    sync.Mutex
	waits bool      // something was written since the last read
	due   time.Time // when the silence has lasted too long
	taken bool      // the owner sets the deadlines now
}

func newConn(of net.Conn, silence time.Duration) *conn {
	c := &conn{Conn: of, silence: silence}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.extend()
	return c
}

// extend extends the deadline. The caller holds c.mu.
func (c *conn) extend() {
	c.due = time.Now().Add(c.silence)
	if !c.taken {
		_ = c.Conn.SetReadDeadline(c.due) // an error shows in the next read
	}
}

// Read fails with os.ErrDeadlineExceeded if the other side is silent.
func (c *conn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.mu.Lock()
			c.waits = false
			c.extend()
			c.mu.Unlock()
			return n, err
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !c.early() {
			return n, err
		}
	}
}

// early reports whether a write has moved the deadline that passed.
func (c *conn) early() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.taken && time.Now().Before(c.due)
}

// Write starts to wait for an answer. It fails if nothing is accepted for as long.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if !c.waits {
		c.waits = true
		c.extend()
	}
	if !c.taken {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(c.silence))
	}
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// SetDeadline leaves the deadlines to the owner of the connection from then on.
func (c *conn) SetDeadline(t time.Time) error {
	c.take()
	return c.Conn.SetDeadline(t)
}

// SetReadDeadline is SetDeadline for reads.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.take()
	return c.Conn.SetReadDeadline(t)
}

func (c *conn) take() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = true
}

// Credentials monitor a gRPC connection below its security. A dialer would also work, but
// gRPC uses no proxy with a custom one.
type Credentials struct {
	credentials.TransportCredentials
	Silence time.Duration // after which a connection ends
	Begun   func()        // called for each new connection
}

// ClientHandshake secures the monitored connection.
func (c Credentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	c.Begun()
	return c.TransportCredentials.ClientHandshake(ctx, authority, newConn(conn, c.Silence))
}

// Clone copies the credentials.
func (c Credentials) Clone() credentials.TransportCredentials {
	return Credentials{c.TransportCredentials.Clone(), c.Silence, c.Begun}
}

// Dialer returns a function that dials, for as long as patience, connections that end after a
// silence.
func Dialer(patience, silence time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: patience, KeepAlive: silence}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return newConn(conn, silence), nil
	}
}
