package config

import (
	"math"
	"slices"
	"strconv"

	"github.com/dustin/go-humanize"

	"github.com/medibloc/pdx/p2p/relay"
)

// Relay holds the settings of relaying between nodes that peers cannot dial.
type Relay struct {
	// Serve says whether this node relays for others: RelayAuto, RelayOn or RelayOff.
	Serve string `koanf:"serve"`
	// Use says which relays this node asks while peers cannot dial it: RelayAny,
	// RelayValidators or RelayOff.
	Use string `koanf:"use"`
	// Reservations is how many peers can be reached through this node at a time, and Circuits
	// how many circuits one peer may have.
	Reservations int `koanf:"reservations"`
	Circuits     int `koanf:"circuits"`
	// AccountBytes and TotalBytes are how much is relayed in 24 hours for one account and for
	// all, like 64GiB.
	AccountBytes string `koanf:"account_bytes"`
	TotalBytes   string `koanf:"total_bytes"`
	// Rate is how much is relayed in a second, like 10MiB; empty means no limit.
	Rate string `koanf:"rate"`
}

// The values of Relay.Serve and Relay.Use.
const (
	// RelayAuto relays while this account is a registered validator and peers can dial the node.
	RelayAuto = "auto"
	RelayOn   = "on"
	RelayOff  = "off"
	// RelayAny asks validators, and then relays that announce themselves in the DHT.
	RelayAny = "any"
	// RelayValidators asks validators only.
	RelayValidators = "validators"
)

// minRelayRate keeps circuits from timing out.
const minRelayRate = 32 << 10

func (c Relay) validate() error {
	if !slices.Contains([]string{RelayAuto, RelayOn, RelayOff}, c.Serve) {
		return invalid("relay.serve", c.Serve, "use auto, on or off")
	}
	if !slices.Contains([]string{RelayAny, RelayValidators, RelayOff}, c.Use) {
		return invalid("relay.use", c.Use, "use any, validators or off")
	}
	if c.Reservations < 1 || c.Reservations > 1024 {
		return invalid("relay.reservations", strconv.Itoa(c.Reservations), "use 1 to 1024; relay.serve: off relays for nobody")
	}
	if c.Circuits < 1 || c.Circuits > 256 {
		return invalid("relay.circuits", strconv.Itoa(c.Circuits), "use 1 to 256")
	}
	_, err := c.Limits()
	return err
}

// Limits returns the limits that the settings describe.
func (c Relay) Limits() (relay.Limits, error) {
	l := relay.Limits{Reservations: c.Reservations, Circuits: c.Circuits}
	for _, s := range []struct {
		name, text string
		value      *uint64
		least      uint64
	}{
		{"relay.account_bytes", c.AccountBytes, &l.AccountBytes, 1 << 20},
		{"relay.total_bytes", c.TotalBytes, &l.TotalBytes, 1 << 20},
		{"relay.rate", c.Rate, &l.Rate, minRelayRate},
	} {
		if s.text == "" && s.value == &l.Rate {
			continue
		}
		n, err := humanize.ParseBytes(s.text)
		if err != nil || n < s.least || n > math.MaxInt64 {
			return l, invalid(s.name, s.text, "write a size like 64GiB, at least "+humanize.IBytes(s.least))
		}
		*s.value = n
	}
	return l, nil
}

// OnlyRelay returns the configuration of a node that relays and plays no role.
func (cfg Config) OnlyRelay() Config {
	cfg.RelayOnly, cfg.Relay.Serve, cfg.Roles = true, RelayOn, []string{}
	return cfg
}
