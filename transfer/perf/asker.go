package perf

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx/p2p/multiconn"
)

// asker measures the path to one peer.
type asker struct {
	host     host.Host
	protocol protocol.ID
	to       peer.ID
	rate     float64 // that the path is taken to have, in bytes a second
}

func (a asker) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, service), headTime)
	defer cancel()
	return a.host.Connect(ctx, peer.AddrInfo{ID: a.to})
}

// widen makes as many connections to the peer as a pull would, and says how many
// streams it would have on them. What cannot be widened is one connection.
func (a asker) widen(ctx context.Context) (lease *multiconn.Lease, streams int) {
	c, ok := multiconn.Direct(a.host.Network(), a.to)
	if !ok {
		return nil, multiconn.Streams
	}
	ctx, cancel := context.WithTimeout(ctx, headTime)
	defer cancel()
	n := multiconn.Connections(a.rate, a.roundTrip(ctx, c))
	return c.Widen(ctx, n, a.host.Peerstore().Addrs(a.to), nil), n * multiconn.Streams
}

// roundTrip is that of the path; 0 when it cannot be had.
func (a asker) roundTrip(ctx context.Context, c *multiconn.Conn) time.Duration {
	if rtt := c.RTT(); rtt > 0 {
		return rtt
	}
	for rtt, err := range Ping(ctx, a.host, a.to) {
		if err == nil {
			return rtt
		}
	}
	return 0
}

// open opens a stream for each share and returns those that were let in. The
// first must be. It goes before the others, so that a peer with room for fewer
// has room for it.
func (a asker) open(ctx context.Context, shares []share) (streams, error) {
	first, err := a.begin(ctx, 0, shares[0], time.Now().Add(headTime))
	if err != nil {
		return nil, err
	}
	all := make(streams, len(shares))
	all[0] = first
	until := time.Now().Add(headTime)
	var group sync.WaitGroup
	for i := 1; i < len(shares); i++ {
		group.Go(func() { all[i], _ = a.begin(ctx, i, shares[i], until) })
	}
	group.Wait()
	return all.there(), nil
}

// begin opens the stream of that number, on the connection whose turn it is, and
// asks for its share. The end of ctx resets it.
func (a asker) begin(ctx context.Context, number int, s share, until time.Time) (*part, error) {
	opening, cancel := context.WithDeadline(network.WithAllowLimitedConn(multiconn.On(ctx, number), service), until)
	defer cancel()
	stream, err := a.host.NewStream(opening, a.to, a.protocol)
	if err != nil {
		return nil, err
	}
	p := &part{share: s, stream: stream, stop: context.AfterFunc(ctx, func() { _ = stream.Reset() })}
	if err := stream.Scope().SetService(service); err != nil {
		p.reset()
		return nil, fmt.Errorf("too many streams: %w", err)
	}
	if err := ask(stream, s, until); err != nil {
		p.reset()
		return nil, err
	}
	return p, nil
}
