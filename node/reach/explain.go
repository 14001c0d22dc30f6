package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/p2p/relay"
)

const (
	// maxTried is how many addresses of a peer are dialled one by one.
	maxTried = 16
	// tryTime bounds the dial of one address.
	tryTime = 8 * time.Second
	// holeTime is how long a relayed connection is watched for becoming direct: three tries of
	// a few round trips each.
	holeTime = 15 * time.Second
)

// Explain tries every way to a peer and reports each step.
func (p Paths) Explain(ctx context.Context, name string, step func(api.PathStep)) error {
	info, err := p.resolve(ctx, name)
	if err != nil {
		return err
	}
	if info.ID == p.Host.ID() {
		return fmt.Errorf("peer %s: %w: that is this node; `pdx status` says how others reach it", name, pdx.ErrInvalid)
	}
	addrs := p.addresses(ctx, info)
	step(addressStep(addrs))
	for _, a := range addrs[:min(len(addrs), maxTried)] {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		step(p.try(ctx, info.ID, a))
	}
	p.connect(ctx, name, info.ID, step)
	return nil
}

// connect connects this node to a peer and reports how; that it fails is a finding, too.
func (p Paths) connect(ctx context.Context, name string, id peer.ID, step func(api.PathStep)) {
	reached, err := p.Connect(ctx, name)
	if err != nil {
		step(api.PathStep{Step: "connection", Message: err.Error()})
		return
	}
	s := api.PathStep{Step: "connection", OK: true, Address: reached.Address, Message: "direct", RTT: p.trip(ctx, id)}
	if reached.Relayed {
		s.Message = "over a relay"
	}
	step(s)
	if reached.Relayed {
		step(p.watchHole(ctx, id))
	}
}

// addresses returns the addresses of a peer that are given, known, or found in the network.
func (p Paths) addresses(ctx context.Context, info peer.AddrInfo) []multiaddr.Multiaddr {
	all := slices.Concat(info.Addrs, p.Host.Peerstore().Addrs(info.ID))
	if len(all) == 0 {
		all = p.Locate(ctx, info.ID)
	}
	return multiaddr.Unique(all)
}

func addressStep(addrs []multiaddr.Multiaddr) api.PathStep {
	over := 0
	for _, a := range addrs {
		if _, through := relay.Of(a); through {
			over++
		}
	}
	if len(addrs) == 0 {
		return api.PathStep{Step: "addresses", Message: "none known: the peer must be online and have found the network"}
	}
	return api.PathStep{
		Step: "addresses", OK: true,
		Message: fmt.Sprintf("%s known: %d direct, %d over relays", message.Count(len(addrs), "address"), len(addrs)-over, over),
	}
}

// try dials one address of a peer, as a stranger.
func (p Paths) try(ctx context.Context, id peer.ID, a multiaddr.Multiaddr) api.PathStep {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	trip, err := relay.Probe(ctx, peer.AddrInfo{ID: id, Addrs: []multiaddr.Multiaddr{a}}, p.PSK)
	s := api.PathStep{Step: "dial", Address: a.String(), OK: err == nil, RTT: trip, Message: "answers"}
	if err != nil {
		s.Message = why(err)
	}
	return s
}

// why says in a few words why an address could not be dialled.
func why(err error) string {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer: a firewall or NAT lets nothing in, or the peer is offline"
	}
	if failed := new(swarm.DialError); errors.As(err, &failed) && len(failed.DialErrors) > 0 {
		return failed.DialErrors[0].Cause.Error()
	}
	return err.Error()
}

// trip returns the round-trip time to a connected peer, 0 if it does not answer.
func (p Paths) trip(ctx context.Context, id peer.ID) time.Duration {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, "pdx"), peers.GreetTimeout)
	defer cancel()
	if r, ok := <-ping.Ping(ctx, p.Host, id); ok && r.Error == nil {
		return r.RTT
	}
	return 0
}

// watchHole waits for a relayed connection to become direct.
func (p Paths) watchHole(ctx context.Context, id peer.ID) api.PathStep {
	until := time.Now().Add(holeTime)
	for ctx.Err() == nil && time.Now().Before(until) {
		for _, conn := range p.Host.Network().ConnsToPeer(id) {
			if !relay.IsRelayed(conn) {
				return api.PathStep{
					Step: "hole", OK: true, Address: conn.RemoteMultiaddr().String(), Message: "a direct connection was made", RTT: p.trip(ctx, id),
				}
			}
		}
		_ = lifecycle.Sleep(ctx, 100*time.Millisecond) // ctx is looked at next
	}
	return api.PathStep{
		Step:    "hole",
		Message: "no direct connection was made: a NAT on the way uses another port for each peer, or drops what it did not ask for",
	}
}
