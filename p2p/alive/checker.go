package alive

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/relay"
)

// limits are the times of a Checker, which tests shorten.
type limits struct {
	// tick is the interval between looks at the interfaces and at the relays.
	tick time.Duration
	// patience is how long an answer may take: several round trips of the slowest path.
	patience time.Duration
	// relay is how long a relay may be silent before all connections are asked, and older is the
	// patience with a connection besides which the peer has a newer one from another address, also
	// if bytes move: they may move on that. Closing it by mistake costs little.
	relay, older time.Duration
	// quiet is after what silence a relay is asked. An upload at 16 KiB/s, the lowest rate at
	// which a server goes on, moves a piece of 64 KiB in that time.
	quiet time.Duration
	// pause is the least time between two rounds over all connections.
	pause time.Duration
}

// connectTime bounds a new connection to a peer with which work is under way.
const connectTime = 15 * time.Second

func defaultLimits() limits {
	return limits{
		tick: time.Second, patience: 3 * time.Second, relay: 2 * time.Second, older: 2 * time.Second, quiet: 4 * time.Second,
		pause: 10 * time.Second,
	}
}

// Config configures a Checker. All fields are required.
type Config struct {
	Host    host.Host
	Traffic *Traffic
	// Interfaces returns the addresses of this machine, sorted.
	Interfaces func() []netip.Addr
	// Relays returns the relays through which peers reach this node.
	Relays func() []peer.ID
	Log    *slog.Logger
}

// A Checker closes connections whose path is gone.
type Checker struct {
	cfg     Config
	limits  limits
	suspect notify.Signal // every connection is to be asked
	asked   sync.WaitGroup

	relayAsked map[peer.ID]time.Time // for Run only
}

// New returns a Checker, which does nothing before Run.
func New(c Config) *Checker {
	return &Checker{cfg: c, limits: defaultLimits(), suspect: notify.New(), relayAsked: map[peer.ID]time.Time{}}
}

// Suspect has all connections asked soon: this machine slept, or has another address. It never
// blocks.
func (c *Checker) Suspect() { c.suspect.Set() }

// Run asks when there is a reason, until ctx ends.
func (c *Checker) Run(ctx context.Context) {
	defer c.asked.Wait()
	newer := &network.NotifyBundle{ConnectedF: func(n network.Network, conn network.Conn) {
		if older := olderThan(n, conn); len(older) > 0 {
			c.asked.Go(func() { c.end(ctx, silent(ctx, older, c.limits.older), "the peer has another address") })
		}
	}}
	c.cfg.Host.Network().Notify(newer)
	defer c.cfg.Host.Network().StopNotify(newer)
	ticker := time.NewTicker(c.limits.tick)
	defer ticker.Stop()
	interfaces, last := c.cfg.Interfaces(), time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := c.cfg.Interfaces(); !slices.Equal(interfaces, now) {
				interfaces = now
				c.Suspect()
			}
			c.askRelays(ctx)
			c.cfg.Traffic.keep(c.connected)
		case <-c.suspect:
			if wait := time.Until(last.Add(c.limits.pause)); wait > 0 {
				time.AfterFunc(wait, c.Suspect)
				continue
			}
			last = time.Now()
			c.asked.Go(func() { c.checkAll(ctx) })
		}
	}
}

func (c *Checker) connected(id peer.ID) bool {
	return c.cfg.Host.Network().Connectedness(id) != network.NotConnected
}

// askRelays asks the relays that are quiet. One that does not answer may be gone, but so may the
// path to everybody: a NAT changes its address without a word to those behind it.
func (c *Checker) askRelays(ctx context.Context) {
	now, relays := time.Now(), c.cfg.Relays()
	for id := range c.relayAsked {
		if !slices.Contains(relays, id) {
			delete(c.relayAsked, id)
		}
	}
	for _, id := range relays {
		if now.Sub(c.relayAsked[id]) < c.limits.quiet || now.Sub(c.cfg.Traffic.Moved(id)) < c.limits.quiet {
			continue
		}
		c.relayAsked[id] = now
		c.asked.Go(func() {
			if len(silent(ctx, c.cfg.Host.Network().ConnsToPeer(id), c.limits.relay)) > 0 {
				c.Suspect()
			}
		})
	}
}

// checkAll closes all dead connections, but not those to peers with which bytes move: an answer
// may wait behind these.
func (c *Checker) checkAll(ctx context.Context) {
	began := time.Now()
	dead := silent(ctx, c.cfg.Host.Network().Conns(), c.limits.patience)
	c.end(ctx, slices.DeleteFunc(dead, func(conn network.Conn) bool {
		return c.cfg.Traffic.Moved(conn.RemotePeer()).After(began.Add(c.limits.patience / 2))
	}), "this machine may have moved or slept")
}

// end closes dead connections, and connects again to the peers that are needed: they do not know
// where this node is now.
func (c *Checker) end(ctx context.Context, dead []network.Conn, why string) {
	working := map[peer.ID]bool{}
	for _, conn := range dead {
		if ctx.Err() != nil {
			return
		}
		id := conn.RemotePeer()
		working[id] = working[id] || c.needed(id)
		c.cfg.Log.InfoContext(ctx, "connection closed: its path is dead", "peer_id", id, "address", conn.RemoteMultiaddr(), "reason", why)
		_ = conn.Close()
	}
	for id, is := range working {
		if is {
			c.asked.Go(func() { c.connect(ctx, id) })
		}
	}
}

// needed reports whether work with a peer is under way, or a deal. Work that has stood still for a
// while no longer protects the peer.
func (c *Checker) needed(id peer.ID) bool {
	manager := c.cfg.Host.ConnManager()
	if manager.IsProtected(id, "") {
		return true
	}
	info := manager.GetTagInfo(id)
	return info != nil && info.Tags[connmgr.Deal] > 0
}

func (c *Checker) connect(ctx context.Context, id peer.ID) {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, "alive"), connectTime)
	defer cancel()
	if err := c.cfg.Host.Connect(ctx, peer.AddrInfo{ID: id}); err != nil {
		c.cfg.Log.DebugContext(ctx, "not connected again", "peer_id", id, "error", err)
	}
}

// olderThan returns the connections to the peer of conn over other paths, which it may have left:
// from another address or over another relay. One over a relay beside a new direct one is well.
func olderThan(n network.Network, conn network.Conn) (older []network.Conn) {
	direct, path := !relay.IsRelayed(conn), pathOf(conn)
	for _, other := range n.ConnsToPeer(conn.RemotePeer()) {
		if other != conn && pathOf(other) != path && (!direct || !relay.IsRelayed(other)) {
			older = append(older, other)
		}
	}
	return older
}

// pathOf names the path of a connection: the relay, or the peer's IP address.
func pathOf(conn network.Conn) string {
	at := conn.RemoteMultiaddr()
	if over, ok := relay.Of(at); ok {
		return string(over)
	}
	ip, err := manet.ToIP(at)
	if err != nil {
		return at.String()
	}
	return ip.String()
}
