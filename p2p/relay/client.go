package relay

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/host/autorelay"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
)

// ClientConfig configures a Client. Host, Candidates and Greet are required.
type ClientConfig struct {
	Host host.Host
	// Candidates returns up to n peers that may relay, the best first. It returns none while
	// this node is not to ask for a relay.
	Candidates func(ctx context.Context, n int) []peer.AddrInfo
	// Greet proves this node's account to a relay, which is to be asked for a reservation.
	Greet func(ctx context.Context, relay peer.ID) error
	PSK   pnet.PSK     // of a private network; may be nil
	Log   *slog.Logger // nil is silent
}

// A Client keeps reservations at two relays while this node is not publicly reachable. The
// host announces the addresses that they give, and withdraws those of a relay that is gone.
type Client struct {
	cfg  ClientConfig
	ids  identify.IDService
	auto *autorelay.AutoRelay

	cancel context.CancelFunc
	done   sync.WaitGroup
	first  time.Duration // firstCheck, which tests shorten
	slow   time.Duration // slowTrip, the same

	mu      sync.Mutex // guards the rest
	relays  map[peer.ID]*relayState
	avoided map[peer.ID]time.Time // until when
}

// relayState is a relay at which this node has a reservation.
type relayState struct {
	addrs    []multiaddr.Multiaddr // by which peers reach this node
	due      time.Time             // of the next check
	failures int
	checked  bool // whether a check has succeeded
	trip     time.Duration
}

// NewClient returns a Client. It starts nothing. It returns pdx.ErrInvalid if a required
// field is missing, or if the host does not show its identify service.
func NewClient(c ClientConfig) (*Client, error) {
	if c.Host == nil || c.Candidates == nil || c.Greet == nil {
		return nil, fmt.Errorf("relay client: %w: host, candidates and a greeting are needed", pdx.ErrInvalid)
	}
	with, ok := c.Host.(interface{ IDService() identify.IDService })
	if !ok {
		return nil, fmt.Errorf("relay client: %w: the host shows no identify service", pdx.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		cfg: c, ids: with.IDService(), first: firstCheck, slow: slowTrip,
		relays: map[peer.ID]*relayState{}, avoided: map[peer.ID]time.Time{},
	}, nil
}

// Start begins to look for relays. It can be called once; ctx is not used after it returns.
func (c *Client) Start(context.Context) error {
	changes, err := c.cfg.Host.EventBus().Subscribe(new(event.EvtAutoRelayAddrsUpdated), eventbus.Name("pdx relays"))
	if err != nil {
		return fmt.Errorf("start looking for relays: %w", err)
	}
	auto, err := autorelay.NewAutoRelay(greetingHost{c.cfg.Host, c},
		autorelay.WithPeerSource(c.source), autorelay.WithNumRelays(relays), autorelay.WithMinCandidates(relays), autorelay.WithBootDelay(0),
		autorelay.WithBackoff(retryAfter), autorelay.WithMinInterval(candidatesEvery))
	if err != nil {
		changes.Close()
		return fmt.Errorf("start looking for relays: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.auto, c.cancel = auto, cancel
	c.done.Go(func() {
		defer changes.Close()
		c.follow(ctx, changes.Out())
	})
	auto.Start()
	return nil
}

// Stop ends the search. Reservations end with the connections to the relays.
func (c *Client) Stop(context.Context) error {
	if c.cancel == nil {
		return nil
	}
	c.cancel()
	err := c.auto.Close()
	c.done.Wait()
	return err
}

// source hands out the candidates that are not avoided.
func (c *Client) source(ctx context.Context, n int) <-chan peer.AddrInfo {
	found := make(chan peer.AddrInfo, n)
	defer close(found)
	for _, info := range c.cfg.Candidates(ctx, n) {
		if len(found) < n && info.ID != c.cfg.Host.ID() && !c.avoids(info.ID) {
			found <- info
		}
	}
	return found
}

// A Relay is a relay through which peers reach this node.
type Relay struct {
	ID    peer.ID
	Addrs []multiaddr.Multiaddr // by which peers reach this node
	// Checked says that this node was reached through the relay from outside, in Trip.
	Checked bool
	Trip    time.Duration
	// Failures is the number of checks that failed since the last that succeeded.
	Failures int
}

// Relays returns the relays at which this node has a reservation.
func (c *Client) Relays() (list []Relay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.relays {
		list = append(list, Relay{ID: id, Addrs: r.addrs, Checked: r.checked, Trip: r.trip, Failures: r.failures})
	}
	return list
}

// Uses reports whether a peer is a relay of this node.
func (c *Client) Uses(id peer.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.relays[id] != nil
}

// set takes over the addresses that the reservations give.
func (c *Client) set(addrs []multiaddr.Multiaddr, now time.Time) {
	byRelay := map[peer.ID][]multiaddr.Multiaddr{}
	for _, a := range addrs {
		if id, ok := Of(a); ok {
			byRelay[id] = append(byRelay[id], a)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.relays {
		if len(byRelay[id]) == 0 {
			c.cfg.Log.Info("relay gone", "peer_id", id)
			delete(c.relays, id)
		}
	}
	for id, through := range byRelay {
		if c.relays[id] == nil {
			c.cfg.Log.Info("peers reach this node through a relay", "peer_id", id)
			c.relays[id] = &relayState{due: now.Add(c.first)}
		}
		c.relays[id].addrs = through
	}
}

// Of returns the relay of a circuit address.
func Of(a multiaddr.Multiaddr) (peer.ID, bool) {
	before, circuit := multiaddr.SplitFunc(a, func(c multiaddr.Component) bool { return c.Protocol().Code == multiaddr.P_CIRCUIT })
	if circuit == nil || before == nil {
		return "", false
	}
	id, err := peer.IDFromP2PAddr(before)
	return id, err == nil
}

// IsRelayed reports whether a connection runs over a relay.
func IsRelayed(c network.Conn) bool {
	_, err := c.RemoteMultiaddr().ValueForProtocol(multiaddr.P_CIRCUIT)
	return err == nil
}

// avoids reports whether a relay failed its checks of late.
func (c *Client) avoids(id peer.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Before(c.avoided[id])
}

// greetingHost is the host as AutoRelay sees it: it greets a relay before it asks for a
// reservation.
type greetingHost struct {
	host.Host
	client *Client
}

// NewStream opens a stream, to a relay after a greeting.
func (h greetingHost) NewStream(ctx context.Context, to peer.ID, ids ...protocol.ID) (network.Stream, error) {
	if len(ids) == 1 && ids[0] == proto.ProtoIDv2Hop {
		if h.client.avoids(to) {
			return nil, fmt.Errorf("relay %s: %w: it failed its checks", to, pdx.ErrRefused)
		}
		if err := h.client.cfg.Greet(ctx, to); err != nil {
			h.client.cfg.Log.Debug("relay not greeted", "peer_id", to, "error", err)
			return nil, fmt.Errorf("greet relay %s: %w", to, err)
		}
	}
	return h.Host.NewStream(ctx, to, ids...)
}

// IDService is what AutoRelay asks whether a peer relays.
func (h greetingHost) IDService() identify.IDService { return h.client.ids }
