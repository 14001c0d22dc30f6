package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	coreconnmgr "github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/transport"
	"github.com/medibloc/pdx/p2p/version"
)

// Config describes a host.
type Config struct {
	Key crypto.PrivKey
	// Listen are the multiaddrs to listen on; see ListenAddrs.
	Listen []string
	// QUIC and WebSocket let the host use these besides TCP.
	QUIC, WebSocket bool
	// LocalNetwork is for a network of loopback or private addresses in which every
	// host can reach every other: the host does not use AutoNAT, port mapping or hole
	// punching.
	LocalNetwork bool
	// Limits bound connections; the zero value means transport.DefaultLimits.
	Limits transport.Limits
	// Low and High are to how many connections they are cut down, and above how many; 0 means
	// the defaults of package connmgr.
	Low, High int
	// Gater decides about connections; nil allows all.
	Gater coreconnmgr.ConnectionGater
	// PSK is the key of a private network: only hosts that have it connect, over TCP. libp2p's
	// QUIC has no such keys, so that QUIC must be off.
	PSK pnet.PSK
	// BeforeCircuit is called before a relay is asked for a circuit to a peer, for at most 5
	// seconds, to greet the relay; nil does nothing.
	BeforeCircuit func(ctx context.Context, relay peer.ID)
	// Traffic is told of the bytes of all streams; nil is nobody.
	Traffic metrics.Reporter
	// UserAgent is the name and version of this program, which libp2p sends to other
	// peers.
	UserAgent string
	Metrics   prometheus.Registerer // of libp2p's own metrics, and those of package connmgr
	// Grace is how long a new connection is not closed for being one too many; 0 means a
	// minute. Tests shorten it.
	Grace time.Duration
}

// New returns a host that listens on all addresses of cfg.Listen, or pdx.ErrUnavailable
// if it cannot listen on one of them. The caller must close it.
func New(cfg Config) (host.Host, error) {
	var more []libp2p.Option
	manager, err := connmgr.New(connmgr.Config{Grace: cfg.Grace, Low: cfg.Low, High: cfg.High})
	if err != nil {
		return nil, err
	}
	if cfg.BeforeCircuit != nil {
		more = append(more, libp2p.WithFxOption(fx.Decorate(func(h host.Host) host.Host { return circuitHost{h, cfg.BeforeCircuit} })))
	}
	if cfg.Gater != nil {
		more = append(more, libp2p.ConnectionGater(cfg.Gater))
	}
	if cfg.WebSocket {
		more = append(more, transport.WebSocket())
	}
	if cfg.Traffic != nil {
		more = append(more, libp2p.BandwidthReporter(cfg.Traffic))
	}
	if len(cfg.PSK) > 0 {
		more = append(more, libp2p.PrivateNetwork(cfg.PSK))
	}
	own := newFresh(Interfaces, time.Now)
	options := append(transport.OptionsWith(cfg.QUIC, cmp.Or(cfg.Limits, transport.DefaultLimits())),
		libp2p.Identity(cfg.Key),
		libp2p.ListenAddrStrings(cfg.Listen...),
		libp2p.ConnectionManager(manager),
		libp2p.PrometheusRegisterer(cfg.Metrics),
		libp2p.UserAgent(cfg.UserAgent),
		libp2p.AddrsFactory(own.factory),
	)
	h, err := libp2p.New(append(append(options, more...), reachabilityOptions(cfg.LocalNetwork)...)...)
	if err != nil {
		_ = manager.Close()
		return nil, fmt.Errorf("listen on %v: %w: %w: free the port or choose another in p2p.listen", cfg.Listen, pdx.ErrUnavailable, err)
	}
	own.follow(h)
	if err := errors.Join(checkListening(h, cfg.Listen), cfg.Metrics.Register(manager)); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	ids := h.(interface{ IDService() identify.IDService }).IDService() // libp2p.New returns a *basichost.BasicHost
	h = version.Host(h)
	if cfg.LocalNetwork {
		return h, nil
	}
	reporting, err := reportReachability(h, ids)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return reporting, nil
}

// reachabilityOptions say how the host learns whether it can be dialled. AutoNAT v1
// is always off, which libp2p calls a forced reachability. On a local network every
// host is reachable; elsewhere AutoNAT v2 finds out, and reportingHost replaces the
// forced value before New returns, so that only what libp2p itself has started can
// see it. libp2p limits the dial-backs that v2 makes for others to 60 a minute and
// 12 per peer.
func reachabilityOptions(localNetwork bool) []libp2p.Option {
	if localNetwork {
		return []libp2p.Option{libp2p.ForceReachabilityPublic()}
	}
	return []libp2p.Option{libp2p.ForceReachabilityPrivate(), libp2p.NATPortMap(), libp2p.EnableAutoNATv2(), libp2p.EnableHolePunching()}
}

// circuitHost is the host as libp2p's transport of circuits sees it.
type circuitHost struct {
	host.Host
	before func(ctx context.Context, relay peer.ID)
}

// NewStream opens a stream, to a relay after before.
func (h circuitHost) NewStream(ctx context.Context, to peer.ID, ids ...protocol.ID) (network.Stream, error) {
	if len(ids) == 1 && ids[0] == proto.ProtoIDv2Hop {
		h.before(ctx, to)
	}
	return h.Host.NewStream(ctx, to, ids...)
}

// checkListening checks that the host listens on every address; libp2p itself needs
// only one of them.
func checkListening(h host.Host, wanted []string) error {
	have := map[string]bool{}
	for _, a := range h.Network().ListenAddresses() {
		have[a.String()] = true
	}
	for _, text := range wanted {
		if a, err := multiaddr.NewMultiaddr(text); err == nil && have[a.String()] {
			continue
		}
		return fmt.Errorf("listen on %s: %w: the port is in use or the address is not this machine's:"+
			" free it or choose another in p2p.listen", text, pdx.ErrUnavailable)
	}
	return nil
}
