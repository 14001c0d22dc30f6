package discovery

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/netdb"
)

// Options configure a Discovery. ChainID is required.
type Options struct {
	// ChainID separates networks. It consists of 1 to 50 letters, digits, '.', '_' and
	// '-'.
	ChainID string
	// Store stores announcements, their schedule, others' provider records and known
	// peers over a restart. The caller closes it after Stop. If it is nil, everything
	// is in memory.
	Store *netdb.DB
	// Peers are dialled whenever the routing table has few peers.
	Peers []peer.AddrInfo
	// Names are multiaddrs like /dnsaddr/seeds.example.org that stand for more such peers: the
	// addresses in the TXT records of _dnsaddr.seeds.example.org, whoever the peers are.
	Names []ma.Multiaddr
	// DNS looks Names up; nil means the machine's resolver.
	DNS DNS
	// Seeds returns more such peers, for example the registered validators. It may be
	// nil.
	Seeds func(context.Context) ([]peer.AddrInfo, error)
	// LocalPeers uses mDNS to find peers on the local network and to be found by them.
	LocalPeers bool
	// Mode says whether this node serves the DHT; empty is ModeAuto.
	Mode Mode
	// LocalNetwork accepts and announces loopback and private addresses, for a network
	// on one machine or one LAN.
	LocalNetwork bool
	// Unlisted makes Announce and AnnounceContent do nothing.
	Unlisted bool
	// FindLimit is the largest number of peers that a search returns, at most 256; 0
	// means DefaultFindLimit.
	FindLimit int
	// Metrics registers the package's metrics; it may be nil.
	Metrics prometheus.Registerer
	// Log is the logger; nil is silent.
	Log *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	if !validChainID(o.ChainID) {
		return o, fmt.Errorf("%w: chain id %q: 1 to %d letters, digits, '.', '_' or '-' are wanted", pdx.ErrInvalid, o.ChainID, maxChainID)
	}
	if o.FindLimit < 0 || o.FindLimit > maxFindLimit {
		return o, fmt.Errorf("%w: a find limit of %d is not within 0 to %d", pdx.ErrInvalid, o.FindLimit, maxFindLimit)
	}
	mode, err := ParseMode(string(o.Mode))
	if err != nil {
		return o, err
	}
	o.Mode = mode
	if o.FindLimit == 0 {
		o.FindLimit = DefaultFindLimit
	}
	if o.DNS == nil {
		o.DNS = net.DefaultResolver
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

func validChainID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return id != "" && len(id) <= maxChainID && strings.Trim(id, allowed) == ""
}
