package discovery

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/netdb"
)

// Options configure a Discovery. ChainID is required.
type Options struct {
	// ChainID separates networks: 1 to 50 letters, digits, '.', '_' and '-'.
	ChainID string
	// Store keeps announcements, the schedule, others' provider records and known
	// peers over a restart; the caller closes it after Stop. Nil keeps everything
	// in memory.
	Store *netdb.DB
	// Peers are dialled whenever few peers are known.
	Peers []peer.AddrInfo
	// Seeds yields more of them, for example the registered validators; it is
	// asked whenever few peers are known. It may be nil.
	Seeds func(context.Context) ([]peer.AddrInfo, error)
	// LocalPeers finds peers on the local network by mDNS, and is found by them.
	LocalPeers bool
	// Mode says whether this node serves the DHT; empty is ModeAuto.
	Mode Mode
	// LocalNetwork admits loopback and private addresses: for a network on one
	// machine or one LAN.
	LocalNetwork bool
	// Unlisted makes all announcing a no-op that succeeds.
	Unlisted bool
	// FindLimit bounds a search's result; 0 means DefaultFindLimit, 256 at most.
	FindLimit int
	// Metrics takes the package's metrics; it may be nil.
	Metrics prometheus.Registerer
	// Log takes the package's log; nil means slog.Default().
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
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o, nil
}

func validChainID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return id != "" && len(id) <= maxChainID && strings.Trim(id, allowed) == ""
}
