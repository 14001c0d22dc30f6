// Package relaying decides when a node relays for others, when it needs relays itself, and
// which peers it asks.
package relaying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/ties"
	"github.com/medibloc/pdx/p2p/relay"
)

const (
	// pollEvery is the interval between checks whether this node should relay.
	pollEvery = 2 * time.Second
	// unknownTime is how long a node that has a public address waits to learn whether peers
	// can dial it, before it looks for a relay.
	unknownTime = 30 * time.Second
	// knownTime is how long the validators and relays that were found are used.
	knownTime = 30 * time.Second
	// findTime bounds a search of the DHT for relays.
	findTime = 10 * time.Second
	// greetTime bounds a greeting before a circuit, which the other side waits for.
	greetTime = 4 * time.Second
)

// Config configures Relaying. All fields but Metrics and PSK are required.
type Config struct {
	Host     host.Host
	Settings config.Relay
	Account  pdx.Address
	Unlisted bool // the node announces nothing, and asks only relays that the chain names
	// Reachability returns what is known of whether peers can dial this node.
	Reachability func() network.Reachability
	// Registered reports whether the chain names this node as that of a registered validator.
	Registered func() bool
	// Validators returns the peers of the registered validators.
	Validators func(context.Context) ([]peer.AddrInfo, error)
	Network    interface {
		FindRelays(context.Context) ([]peer.AddrInfo, error)
		AnnounceRelay(context.Context) error
		WithdrawRelay(context.Context) error
	}
	Hello interface {
		Known(peer.ID) (pdx.Address, bool)
		Introduce(context.Context, peer.ID) error
	}
	Ledger  ties.Ledger
	PSK     pnet.PSK // of a private network; may be nil
	Metrics prometheus.Registerer
	Log     *slog.Logger
}

// Relaying runs a node's relay, and its search for relays.
type Relaying struct {
	cfg    Config
	stakes *ties.Stakes
	server *relay.Server
	client *relay.Client
	began  time.Time

	mu         sync.Mutex // guards the rest
	validators []peer.AddrInfo
	validated  time.Time // when validators was read
	others     []peer.AddrInfo
	searched   time.Time // when others was read
	announced  bool
	entitled   error // what Entitled returned last to the search for relays
}

// errNotAsked: whether relays serve this node has not been asked yet.
var errNotAsked = fmt.Errorf("%w: not asked yet", pdx.ErrUnavailable)

// New returns a Relaying that does nothing yet.
func New(c Config) (*Relaying, error) {
	limits, err := c.Settings.Limits()
	if err != nil {
		return nil, err
	}
	r := &Relaying{cfg: c, began: time.Now(), entitled: errNotAsked}
	if r.stakes, err = ties.NewStakes(c.Ledger, c.Log); err != nil {
		return nil, err
	}
	if r.server, err = relay.NewServer(relay.ServerConfig{
		Host: c.Host, Known: c.Hello.Known, Admit: r.stakes.Admit, Limits: limits, Metrics: c.Metrics, Log: c.Log,
	}); err != nil {
		return nil, err
	}
	r.client, err = relay.NewClient(relay.ClientConfig{
		Host: c.Host, Candidates: r.candidates, Greet: c.Hello.Introduce, PSK: c.PSK, Log: c.Log,
	})
	return r, err
}

// Start begins to look for relays if this node may use any.
func (r *Relaying) Start(ctx context.Context) error {
	if r.cfg.Settings.Use == config.RelayOff {
		return nil
	}
	return r.client.Start(ctx)
}

// Stop stops relaying and looking for relays.
func (r *Relaying) Stop(ctx context.Context) error {
	return errors.Join(r.client.Stop(ctx), r.server.Serve(false))
}

// Run relays while this node should, until ctx ends.
func (r *Relaying) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		r.serve(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Relaying) serve(ctx context.Context) {
	on := r.Serves()
	if err := r.server.Serve(on); err != nil {
		r.cfg.Log.ErrorContext(ctx, "relay", "error", err)
		return
	}
	if on = on && r.cfg.Settings.Serve == config.RelayOn; on == r.announced {
		return
	}
	change := r.cfg.Network.WithdrawRelay // validators are found on the chain
	if on {
		change = r.cfg.Network.AnnounceRelay
	}
	if err := change(ctx); err != nil {
		r.cfg.Log.DebugContext(ctx, "relay not announced", "error", err)
		return
	}
	r.announced = on
}

// Serves reports whether this node should relay now.
func (r *Relaying) Serves() bool {
	switch r.cfg.Settings.Serve {
	case config.RelayOn:
		return true
	case config.RelayOff:
		return false
	}
	return r.cfg.Registered() && r.cfg.Reachability() == network.ReachabilityPublic
}

// Usage returns what this node relays.
func (r *Relaying) Usage() relay.Usage { return r.server.Usage() }

// Relays returns the relays through which this node is reached.
func (r *Relaying) Relays() []relay.Relay { return r.client.Relays() }

// Needs reports whether peers cannot dial this node, as far as is known.
func (r *Relaying) Needs() bool {
	switch r.cfg.Reachability() {
	case network.ReachabilityPublic:
		return false
	case network.ReachabilityPrivate:
		return true
	}
	return time.Since(r.began) > unknownTime || !hasPublic(r.cfg.Host.Addrs())
}

// hasPublic reports whether one of a host's addresses is public and needs no relay.
func hasPublic(addrs []multiaddr.Multiaddr) bool {
	for _, a := range addrs {
		if _, through := relay.Of(a); !through && manet.IsPublicAddr(a) {
			return true
		}
	}
	return false
}

// Entitled returns nil if relays may serve this node: its account has something at stake.
func (r *Relaying) Entitled(ctx context.Context) error { return r.stakes.Admit(ctx, r.cfg.Account) }

// LastEntitled returns what Entitled said when relays were looked for last, without asking the
// chain.
func (r *Relaying) LastEntitled() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entitled
}

// candidates returns the relays to be asked: the validators in random order, then others.
func (r *Relaying) candidates(ctx context.Context, n int) []peer.AddrInfo {
	if !r.Needs() {
		return nil
	}
	err := r.Entitled(ctx)
	r.mu.Lock()
	r.entitled = err
	r.mu.Unlock()
	if err != nil {
		return nil
	}
	found := r.knownValidators(ctx)
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	if len(found) < n && r.asksAnybody() {
		found = append(found, r.knownOthers(ctx)...)
	}
	return found[:min(n, len(found))]
}

// asksAnybody reports whether relays may be asked that the chain does not name, and so learn
// this node's account.
func (r *Relaying) asksAnybody() bool {
	return r.cfg.Settings.Use == config.RelayAny && !r.cfg.Unlisted
}

// knownValidators returns a copy of the list of validators, read again when it is old.
func (r *Relaying) knownValidators(ctx context.Context) []peer.AddrInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.validated) >= knownTime {
		found, err := r.cfg.Validators(ctx)
		if err != nil {
			r.cfg.Log.DebugContext(ctx, "validators not read", "error", err)
		} else {
			r.validators, r.validated = found, time.Now()
		}
	}
	return append([]peer.AddrInfo(nil), r.validators...)
}

// knownOthers does the same for relays in the DHT.
func (r *Relaying) knownOthers(ctx context.Context) []peer.AddrInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.searched) >= knownTime {
		ctx, cancel := context.WithTimeout(ctx, findTime)
		defer cancel()
		found, err := r.cfg.Network.FindRelays(ctx)
		if err != nil {
			r.cfg.Log.DebugContext(ctx, "relays not searched", "error", err)
		}
		r.others, r.searched = found, time.Now()
	}
	return append([]peer.AddrInfo(nil), r.others...)
}

// BeforeCircuit proves this node's account to a relay that is to connect it to a peer, so
// that the circuit has the account's allowance and not that of strangers. It does so only
// with relays that this node might ask for a reservation as well.
func (r *Relaying) BeforeCircuit(ctx context.Context, id peer.ID) {
	ctx, cancel := context.WithTimeout(ctx, greetTime)
	defer cancel()
	if r.cfg.Settings.Use == config.RelayOff || !r.asksAnybody() && !r.isValidator(ctx, id) || r.Entitled(ctx) != nil {
		return
	}
	if err := r.cfg.Hello.Introduce(ctx, id); err != nil {
		r.cfg.Log.DebugContext(ctx, "relay not greeted", "peer_id", id, "error", err)
	}
}

func (r *Relaying) isValidator(ctx context.Context, id peer.ID) bool {
	for _, info := range r.knownValidators(ctx) {
		if info.ID == id {
			return true
		}
	}
	return false
}
