package node

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/transfer/perf"
)

// paths measures the ways to peers, for the API.
type paths struct {
	host    host.Host
	people  *people
	chainID string
	// describe tells how a connection is.
	describe func(context.Context, network.Conn) api.Peer
}

func (n *Node) paths() paths {
	return paths{host: n.host, people: n.people, chainID: n.cfg.Chain.ID, describe: n.describe}
}

// Reach connects to a peer.
func (p paths) Reach(ctx context.Context, name string) (api.Peer, error) {
	info, err := p.resolve(ctx, name)
	if err != nil {
		return api.Peer{}, err
	}
	if info.ID == p.host.ID() {
		return api.Peer{}, fmt.Errorf("peer %s: %w: that is this node", name, pdx.ErrInvalid)
	}
	ctx, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	if err := p.host.Connect(network.WithAllowLimitedConn(ctx, "pdx"), info); err != nil {
		return api.Peer{}, fmt.Errorf("peer %s: %w: it cannot be reached: %v", name, pdx.ErrUnavailable, err)
	}
	conns := p.host.Network().ConnsToPeer(info.ID)
	if len(conns) == 0 {
		return api.Peer{}, fmt.Errorf("peer %s: %w: it hung up", name, pdx.ErrUnavailable)
	}
	return p.describe(ctx, conns[0]), nil
}

// resolve reads what a person calls a peer.
func (p paths) resolve(ctx context.Context, name string) (peer.AddrInfo, error) {
	switch {
	case strings.HasPrefix(name, "/"):
		info, err := peer.AddrInfoFromString(name)
		if err != nil {
			return peer.AddrInfo{}, fmt.Errorf("peer %q: %w: a multiaddr must end in /p2p/ and a peer id: %v", name, pdx.ErrInvalid, err)
		}
		return *info, nil
	case strings.HasPrefix(name, "panacea1"):
		id, err := p.people.find(ctx, 0, pdx.RoleValidator, pdx.Address(name))
		return peer.AddrInfo{ID: id}, err
	}
	id, err := peer.Decode(name)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("peer %q: %w: give a peer id, a multiaddr that ends in one, or an account", name, pdx.ErrInvalid)
	}
	return peer.AddrInfo{ID: id}, nil
}

// Ping yields round trips to a peer.
func (p paths) Ping(ctx context.Context, id string) iter.Seq2[time.Duration, error] {
	to, err := peer.Decode(id)
	if err != nil {
		return func(yield func(time.Duration, error) bool) { yield(0, err) }
	}
	return perf.Ping(ctx, p.host, to)
}

// Perf measures rates.
func (p paths) Perf(ctx context.Context, id string, up, down uint64, progress func(api.Measured)) error {
	to, err := peer.Decode(id)
	if err != nil {
		return err
	}
	return perf.Perf(ctx, p.host, p.chainID, to, up, down, func(s perf.Sample) {
		progress(api.Measured{Direction: string(s.Direction), Bytes: s.Bytes, Took: s.Took, Done: s.Done})
	})
}
