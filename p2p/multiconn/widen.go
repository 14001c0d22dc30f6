package multiconn

import (
	"context"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/multiformats/go-multiaddr"
)

// MaxConns bounds the connections of one Conn. It is what libp2p lets one peer
// have by default, and about what a browser opens to a host.
const MaxConns = 8

// Lease keeps the connections that a Widen asked for open. A nil Lease keeps nothing.
type Lease struct {
	conn *Conn
	once sync.Once
}

// Widen dials until there are n connections, of at most MaxConns, or until no further
// can be had; it is no failure to have fewer. A connection that the peer dialled
// is widened by dialling one of addrs. more, if not nil, is called for each connection
// as soon as it is there, so that nobody waits for the slowest. The connections stay until
// every Lease was released.
func (c *Conn) Widen(ctx context.Context, n int, addrs []multiaddr.Multiaddr, more func()) *Lease {
	c.widening.Lock()
	defer c.widening.Unlock()
	c.mu.Lock()
	c.leases++
	missing := min(n, MaxConns) - 1 - len(c.extra)
	c.mu.Unlock()
	var group sync.WaitGroup
	for range missing {
		group.Go(func() {
			if c.add(ctx, addrs) && more != nil {
				more()
			}
		})
	}
	group.Wait()
	return &Lease{conn: c}
}

// add dials one more connection and reports whether it is there.
func (c *Conn) add(ctx context.Context, addrs []multiaddr.Multiaddr) bool {
	if c.dialled != nil {
		addrs = []multiaddr.Multiaddr{c.dialled}
	}
	for _, addr := range addrs {
		if !c.dialer.CanDial(addr) || ctx.Err() != nil {
			continue
		}
		conn, err := c.dialer.Dial(ctx, addr, c.RemotePeer())
		if err != nil {
			continue
		}
		c.mu.Lock()
		keep := !c.done && c.leases > 0
		if keep {
			c.extra = append(c.extra, conn)
		}
		c.mu.Unlock()
		if !keep {
			_ = conn.Close()
			return false
		}
		go c.carry(conn)
		return true
	}
	return false
}

// carry takes the peer's streams from an extra connection until it ends.
func (c *Conn) carry(conn transport.CapableConn) {
	_ = c.pump(conn)
	_ = conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.extra = slices.DeleteFunc(c.extra, func(e transport.CapableConn) bool { return e == conn })
}

// Connections returns how many connections there are now.
func (l *Lease) Connections() int {
	if l == nil {
		return 1
	}
	l.conn.mu.Lock()
	defer l.conn.mu.Unlock()
	return 1 + len(l.conn.extra)
}

// Release lets the connections go, when nobody else has a Lease. Releasing again does
// nothing.
func (l *Lease) Release() {
	if l == nil {
		return
	}
	l.once.Do(func() {
		c := l.conn
		c.mu.Lock()
		c.leases--
		var extra []transport.CapableConn
		if c.leases == 0 {
			extra, c.extra = c.extra, nil
		}
		c.mu.Unlock()
		closeAll(extra)
	})
}
