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
	"github.com/medibloc/pdx/p2p/relay"
)

// limits are the times of a Checker, which tests shorten.
type limits struct {
	// tick is the interval between looks at the interfaces and at the relays.
	tick time.Duration
	// patience is how long an answer may take: several round trips of the slowest path.
	patience time.Duration
	// older is the same for a connection besides which the peer has a newer one from another
	// address. Closing it by mistake costs little.
	older time.Duration
	// quiet is after what silence a relay is asked. An upload at 16 KiB/s, the lowest rate at
	// which a server goes on, moves a piece of 64 KiB in that time.
	quiet time.Duration
	// pause is the least time between two rounds over all connections.
	pause time.Duration
}

func defaultLimits() limits {
	return limits{tick: time.Second, patience: 4 * time.Second, older: 2 * time.Second, quiet: 4 * time.Second, pause: 5 * time.Second}
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
			c.asked.Go(func() { c.check(ctx, older, c.limits.older, "the peer has another address") })
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
			c.asked.Go(func() {
				c.check(ctx, c.cfg.Host.Network().Conns(), c.limits.patience, "this machine may have moved or slept")
			})
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
			if c.check(ctx, c.cfg.Host.Network().ConnsToPeer(id), c.limits.patience, "a relay is silent") > 0 {
				c.Suspect()
			}
		})
	}
}

// check closes the dead ones among connections, but not while they move bytes: then an answer may
// wait behind these.
func (c *Checker) check(ctx context.Context, conns []network.Conn, patience time.Duration, why string) (closed int) {
	began := time.Now()
	for _, conn := range silent(ctx, conns, patience) {
		if ctx.Err() != nil || c.cfg.Traffic.Moved(conn.RemotePeer()).After(began.Add(patience/2)) {
			continue
		}
		c.cfg.Log.InfoContext(ctx, "connection closed: its path is dead", "peer_id", conn.RemotePeer(), "address", conn.RemoteMultiaddr(), "reason", why)
		_ = conn.Close()
		closed++
	}
	return closed
}

// olderThan returns the direct connections to the peer of conn that it made from another address.
func olderThan(n network.Network, conn network.Conn) (older []network.Conn) {
	at, err := manet.ToIP(conn.RemoteMultiaddr())
	if err != nil || relay.IsRelayed(conn) {
		return nil
	}
	for _, other := range n.ConnsToPeer(conn.RemotePeer()) {
		if ip, err := manet.ToIP(other.RemoteMultiaddr()); err == nil && other != conn && !relay.IsRelayed(other) && !ip.Equal(at) {
			older = append(older, other)
		}
	}
	return older
}
