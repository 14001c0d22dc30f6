package relay

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// ServerConfig configures a Server. Host, Known, Admit and Limits are required.
type ServerConfig struct {
	Host host.Host
	// Known returns the account that a peer has proven in hello, without asking the peer.
	Known func(peer.ID) (pdx.Address, bool)
	// Admit returns nil if an account has something at stake on the chain.
	Admit  func(context.Context, pdx.Address) error
	Limits Limits
	// PrivateAddresses tells peers the private addresses of this host too, as those at which
	// the relay is reached.
	PrivateAddresses bool
	Metrics          prometheus.Registerer // may be nil
	Log              *slog.Logger          // nil is silent
}

// A Server relays between peers while Serve(true) holds. It is safe for concurrent use.
type Server struct {
	cfg     ServerConfig
	meter   *meter
	asks    *ratelimit.Buckets[netip.Prefix]
	metrics metrics
	relayed atomic.Uint64

	serving sync.Mutex // guards relay and notifee; taken before mu
	relay   *relay.Relay
	notifee network.Notifiee

	mu    sync.Mutex // guards the rest
	on    bool
	peers map[peer.ID]reservation
	hops  map[*hop]struct{}
}

// reservation is what is known of a peer that reserved.
type reservation struct {
	account pdx.Address
	until   time.Time
}

// reservedTag protects the connections of peers that reserved.
const reservedTag = "pdx.relay"

// NewServer returns a Server that does not serve yet.
func NewServer(c ServerConfig) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if l := c.Limits; l.Reservations <= 0 || l.Circuits <= 0 || l.AccountBytes == 0 || l.TotalBytes == 0 {
		return nil, fmt.Errorf("relay: %w: limits %+v: all but the rate must be above 0", pdx.ErrInvalid, l)
	}
	counters, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	return &Server{
		cfg: c, meter: newMeter(c.Limits), asks: ratelimit.New[netip.Prefix](asks, maxMetered), metrics: counters,
		peers: map[peer.ID]reservation{}, hops: map[*hop]struct{}{},
	}, nil
}

// Serve begins to relay, or stops it and cuts all circuits. Repeating it does nothing.
func (s *Server) Serve(on bool) error {
	s.serving.Lock()
	defer s.serving.Unlock()
	switch {
	case on == (s.relay != nil):
		return nil
	case on:
		return s.start()
	}
	err := s.relay.Close()
	s.cfg.Host.Network().StopNotify(s.notifee)
	s.relay = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = false
	for c := range s.hops {
		_ = c.cut(cutStopped)
	}
	for id := range s.peers {
		s.release(id)
	}
	s.cfg.Log.Info("stopped relaying")
	return err
}

// start starts the library's service. The caller holds serving.
func (s *Server) start() error {
	l := s.cfg.Limits
	filter := manet.IsPublicAddr
	if s.cfg.PrivateAddresses {
		filter = func(multiaddr.Multiaddr) bool { return true }
	}
	options := []relay.Option{
		relay.WithResources(relay.Resources{
			ReservationTTL: reservationTTL, MaxReservations: l.Reservations, MaxCircuits: l.Circuits, BufferSize: bufferSize,
			MaxReservationsPerIP: perAddress, MaxReservationsPerASN: max(perAddress, l.Reservations/4),
		}),
		relay.WithACL(acl{s}), relay.WithReservationAddressFilter(filter),
	}
	if s.cfg.Metrics != nil {
		options = append(options, relay.WithMetricsTracer(relay.NewMetricsTracer(relay.WithRegisterer(s.cfg.Metrics))))
	}
	service, err := relay.New(meteredHost{s.cfg.Host, s}, options...)
	if err != nil {
		return fmt.Errorf("start relaying: %w", err)
	}
	s.relay = service
	s.mu.Lock()
	s.on = true
	s.mu.Unlock()
	s.notifee = &network.NotifyBundle{DisconnectedF: func(n network.Network, c network.Conn) {
		if n.Connectedness(c.RemotePeer()) != network.Connected {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.release(c.RemotePeer())
		}
	}}
	s.cfg.Host.Network().Notify(s.notifee)
	s.cfg.Log.Info("relaying for nodes that peers cannot dial")
	return nil
}

// Usage says what a Server does.
type Usage struct {
	Serves   bool
	Peers    int    // that reserved
	Circuits int    // open now
	Bytes    uint64 // relayed since the start
}

// Usage returns what the server does now.
func (s *Server) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := Usage{Serves: s.on, Peers: len(s.peers), Bytes: s.relayed.Load()}
	for c := range s.hops {
		if c.counted.Load() {
			u.Circuits++
		}
	}
	return u
}

// reserve notes that a peer reserves, unless all slots, or those of its account, are taken.
func (s *Server) reserve(id peer.ID, account pdx.Address, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := 0
	for other, r := range s.peers {
		switch {
		case now.After(r.until):
			s.release(other)
		case other != id && r.account == account:
			same++
		}
	}
	if _, again := s.peers[id]; !again && (len(s.peers) >= s.cfg.Limits.Reservations || same >= perAccount) {
		return false
	}
	s.peers[id] = reservation{account, now.Add(reservationTTL)}
	s.cfg.Host.ConnManager().Protect(id, reservedTag)
	return true
}

// release forgets a peer. The caller holds mu.
func (s *Server) release(id peer.ID) {
	if _, ok := s.peers[id]; ok {
		delete(s.peers, id)
		s.cfg.Host.ConnManager().Unprotect(id, reservedTag)
	}
}

// account returns the account that a peer has proven: when it reserved, or since.
func (s *Server) account(id peer.ID) (pdx.Address, bool) {
	if account, ok := s.cfg.Known(id); ok {
		return account, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.peers[id]
	return r.account, ok
}

// admitted returns the account of a peer if it has something at stake, else why it counts
// for nothing.
func (s *Server) admitted(id peer.ID) (account pdx.Address, why string) {
	account, ok := s.account(id)
	if !ok {
		return "", refusedNameless
	}
	ctx, cancel := context.WithTimeout(context.Background(), admitTime)
	defer cancel()
	if err := s.cfg.Admit(ctx, account); err != nil {
		s.cfg.Log.Debug("account is not admitted", "account", account, "error", err)
		return "", refusedAccount
	}
	return account, ""
}

func (s *Server) refuse(id peer.ID, why string) bool {
	s.metrics.refused.WithLabelValues(why).Inc()
	s.cfg.Log.Debug("relaying refused", "peer_id", id, "reason", why)
	return false
}

// Why a reservation or a circuit is refused.
const (
	refusedNameless = "no proven account"
	refusedAccount  = "no live pool, deal or bond"
	refusedFull     = "no slot"
	refusedUsed     = "allowance used up"
	refusedOften    = "too many requests"
)

// payerOf returns for what the bytes of a circuit that a peer opens are counted.
func (s *Server) payerOf(id peer.ID, group netip.Prefix) payer {
	if account, why := s.admitted(id); why == "" {
		return payer{account: account}
	}
	return payer{group: group}
}

// now is the clock.
func (s *Server) now() time.Time { return time.Now() }
