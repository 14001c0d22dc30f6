package multiconn

import (
	"context"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/multiformats/go-multiaddr"
)

// MaxConns is the largest number of connections of one Conn. libp2p's default limit for
// one peer is the same, and browsers open about as many to a host.
const MaxConns = 8

// A Lease keeps the connections of a Conn open that Widen dialled. The methods of a nil
// Lease do nothing.
type Lease struct {
	conn *Conn
	once sync.Once
}

// Widen dials further connections until the Conn has n, at most MaxConns, and returns
// when every dial has succeeded or failed. Having fewer than n is not an error;
// Lease.Connections returns the number. If the peer dialled the first connection, Widen
// dials one of addrs; otherwise it dials the address of the first connection. more, if
// not nil, is called for each new connection as soon as it can be used, possibly from
// several goroutines. The connections stay open until every Lease has been released.
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

// Connections returns the current number of connections of the Conn, at least 1.
func (l *Lease) Connections() int {
	if l == nil {
		return 1
	}
	l.conn.mu.Lock()
	defer l.conn.mu.Unlock()
	return 1 + len(l.conn.extra)
}

// Release closes the further connections if this was the last Lease of the Conn.
// Releasing again does nothing.
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
