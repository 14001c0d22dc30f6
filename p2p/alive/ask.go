package alive

import (
	"context"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/multiformats/go-multistream"

	"github.com/medibloc/pdx/p2p/relay"
)

// CloseDead asks the connections to a peer for a sign of life, and those to the relays over which
// they run. It closes the ones that give none within patience, and returns them.
func CloseDead(ctx context.Context, n network.Network, id peer.ID, patience time.Duration) []network.Conn {
	conns := n.ConnsToPeer(id)
	for _, c := range conns {
		if over, ok := relay.Of(c.RemoteMultiaddr()); ok {
			conns = append(conns, n.ConnsToPeer(over)...)
		}
	}
	dead := silent(ctx, conns, patience)
	for _, c := range dead {
		_ = c.Close()
	}
	return dead
}

// silent asks all connections at once and returns those that give no sign of life within
// patience: none if ctx is cancelled.
func silent(ctx context.Context, conns []network.Conn, patience time.Duration) (dead []network.Conn) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found := make(chan network.Conn, len(conns))
	for _, c := range conns {
		go func() {
			if answers(ctx, c) {
				c = nil
			}
			found <- c
		}()
	}
	for range conns {
		if c := <-found; c != nil {
			dead = append(dead, c)
		}
	}
	return dead
}

// answers reports whether a connection gives a sign of life before the deadline of ctx. It is true
// if ctx is cancelled, or the connection has ended.
func answers(ctx context.Context, c network.Conn) bool {
	s, err := c.NewStream(network.WithAllowLimitedConn(ctx, "alive"))
	if err != nil {
		return !errors.Is(err, context.DeadlineExceeded)
	}
	defer func() { _ = s.Reset() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = s.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	defer stop()
	err = multistream.SelectProtoOrFail(ping.ID, s)
	var other multistream.ErrNotSupported[string]
	if err == nil || errors.As(err, &other) {
		return true
	}
	return c.IsClosed() || errors.Is(ctx.Err(), context.Canceled)
}
