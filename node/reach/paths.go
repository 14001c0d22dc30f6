// Package reach finds the ways to a peer, and measures them.
package reach

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/p2p/relay"
	"github.com/medibloc/pdx/transfer/perf"
)

// Paths finds and measures network paths to peers, for the API. All fields but PSK are
// required.
type Paths struct {
	Host    host.Host
	Peers   *peers.Directory
	ChainID string
	PSK     pnet.PSK // of a private network
	// Locate looks for addresses of a peer in the network.
	Locate func(context.Context, peer.ID) []multiaddr.Multiaddr
	// Describe describes a connection.
	Describe func(network.Conn) api.Peer
}

// Connect connects to a peer.
func (p Paths) Connect(ctx context.Context, name string) (api.Peer, error) {
	info, err := p.resolve(ctx, name)
	if err != nil {
		return api.Peer{}, err
	}
	if info.ID == p.Host.ID() {
		return api.Peer{}, fmt.Errorf("peer %s: %w: that is this node", name, pdx.ErrInvalid)
	}
	ctx, cancel := context.WithTimeout(ctx, peers.GreetTimeout)
	defer cancel()
	if err := p.Host.Connect(network.WithAllowLimitedConn(ctx, "pdx"), info); err != nil {
		return api.Peer{}, fmt.Errorf("peer %s: %w: %s", name, pdx.ErrUnavailable, unreached(err))
	}
	conns := p.Host.Network().ConnsToPeer(info.ID)
	if len(conns) == 0 {
		return api.Peer{}, fmt.Errorf("peer %s: %w: the peer closed the connection", name, pdx.ErrUnavailable)
	}
	reached := p.Describe(best(conns))
	if reached.Account == "" && isAccount(name) { // found by it, as the chain names it
		reached.Account = pdx.Address(name)
	}
	return reached, nil
}

// best returns the connection that new streams take: a direct one if there is any.
func best(conns []network.Conn) network.Conn {
	for _, c := range conns {
		if !relay.IsRelayed(c) {
			return c
		}
	}
	return conns[0]
}

// isAccount reports whether the name of a peer is an account.
func isAccount(name string) bool { return strings.HasPrefix(name, pdx.AddressPrefix+"1") }

// unreached says in one line why no address of a peer could be dialled; libp2p uses a line for
// each address.
func unreached(err error) string {
	switch {
	case errors.Is(err, swarm.ErrNoAddresses), errors.Is(err, swarm.ErrNoGoodAddresses):
		return "no address of it is known: it must be online and have found the network"
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("it did not answer within %s: it is offline, or its port is closed", message.Duration(peers.GreetTimeout))
	}
	if failed := new(swarm.DialError); errors.As(err, &failed) && len(failed.DialErrors) > 0 {
		return fmt.Sprintf("it cannot be reached (%s tried, such as %s): it is offline, or its port is closed",
			message.Count(len(failed.DialErrors)+failed.Skipped, "address"), failed.DialErrors[0].Address)
	}
	return "it cannot be reached: " + err.Error()
}

// resolve parses the name of a peer: a peer id, a multiaddr or an account.
func (p Paths) resolve(ctx context.Context, name string) (peer.AddrInfo, error) {
	switch {
	case strings.HasPrefix(name, "/"):
		info, err := peer.AddrInfoFromString(name)
		if err != nil {
			return peer.AddrInfo{}, fmt.Errorf("peer %q: %w: a multiaddr must end in /p2p/ and a peer id: %v", name, pdx.ErrInvalid, err)
		}
		return *info, nil
	case isAccount(name):
		id, err := p.Peers.Find(ctx, 0, pdx.RoleValidator, pdx.Address(name))
		return peer.AddrInfo{ID: id}, err
	}
	id, err := peer.Decode(name)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("peer %q: %w: give a peer id, a multiaddr that ends in one, or an account", name, pdx.ErrInvalid)
	}
	return peer.AddrInfo{ID: id}, nil
}

// Ping yields round-trip times to a peer.
func (p Paths) Ping(ctx context.Context, id string) iter.Seq2[time.Duration, error] {
	to, err := peer.Decode(id)
	if err != nil {
		return func(yield func(time.Duration, error) bool) { yield(0, err) }
	}
	return perf.Ping(ctx, p.Host, to)
}

// Perf measures transfer rates.
func (p Paths) Perf(ctx context.Context, id string, up, down uint64, progress func(api.Measured)) error {
	to, err := peer.Decode(id)
	if err != nil {
		return err
	}
	p.Peers.Introduce(ctx, to) // a peer measures only with accounts that it knows
	return perf.Perf(ctx, p.Host, p.ChainID, to, up, down, func(s perf.Sample) {
		progress(api.Measured{Direction: string(s.Direction), Bytes: s.Bytes, Took: s.Took, Done: s.Done})
	})
}
