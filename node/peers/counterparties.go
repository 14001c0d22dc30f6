package peers

import (
	"context"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/p2p/connmgr"
)

const (
	// tagInterval is the interval between two updates of the tags. It is less than the
	// time for which the connection manager leaves a new connection alone.
	tagInterval = 20 * time.Second
	// validatorInterval is the interval between two reads of the validators on chain;
	// events trigger further reads.
	validatorInterval = 10 * time.Minute
)

// Counterparties tags the peers that this node needs: those that have proven to speak for a
// party of a live deal, and those that validators have on chain. The connection manager
// closes their connections last.
type Counterparties struct {
	cfg     CounterpartiesConfig
	changed notify.Signal // the validators changed

	validators map[peer.ID]struct{}
	read       time.Time // when validators were read
}

// CounterpartiesConfig configures Counterparties. All fields are required.
type CounterpartiesConfig struct {
	Host  host.Host
	Known func(peer.ID) (pdx.Address, bool) // accounts that were proven before
	// Deals reports whether an account is party to a live deal of any role.
	Deals func(pdx.Address) bool
	Seeds func(context.Context) ([]peer.AddrInfo, error) // the validators on chain
	Log   *slog.Logger
}

// NewCounterparties returns Counterparties.
func NewCounterparties(c CounterpartiesConfig) *Counterparties {
	return &Counterparties{cfg: c, changed: notify.New()}
}

// Wake triggers a read of the validators. It never blocks.
func (c *Counterparties) Wake() { c.changed.Set() }

// Run keeps the tags up to date until ctx ends.
func (c *Counterparties) Run(ctx context.Context) {
	tick := time.NewTicker(tagInterval)
	defer tick.Stop()
	for {
		if time.Since(c.read) >= validatorInterval {
			c.readValidators(ctx)
		}
		c.refresh()
		select {
		case <-ctx.Done():
			return
		case <-c.changed:
			c.read = time.Time{}
		case <-tick.C:
		}
	}
}

// readValidators reads the validators from the chain. If it does not answer, those of the
// last read stay, and it is asked again at the next update.
func (c *Counterparties) readValidators(ctx context.Context) {
	infos, err := c.cfg.Seeds(ctx)
	if err != nil {
		c.cfg.Log.Debug("validators not read", "error", err)
		return
	}
	c.validators = make(map[peer.ID]struct{}, len(infos))
	for _, info := range infos {
		c.validators[info.ID] = struct{}{}
	}
	c.read = time.Now()
}

// refresh tags every connected peer.
func (c *Counterparties) refresh() {
	manager := c.cfg.Host.ConnManager()
	for _, id := range c.cfg.Host.Network().Peers() {
		if _, is := c.validators[id]; is {
			manager.TagPeer(id, connmgr.Validator, connmgr.ValidatorWeight)
		} else {
			manager.UntagPeer(id, connmgr.Validator)
		}
		account, proven := c.cfg.Known(id)
		c.tag(id, proven && c.cfg.Deals(account))
	}
}

// Met tags a peer that has just proven its account. A nil receiver does nothing.
func (c *Counterparties) Met(account pdx.Address, id peer.ID) {
	if c != nil && c.cfg.Deals(account) {
		c.tag(id, true)
	}
}

func (c *Counterparties) tag(id peer.ID, party bool) {
	if party {
		c.cfg.Host.ConnManager().TagPeer(id, connmgr.Deal, connmgr.DealWeight)
	} else {
		c.cfg.Host.ConnManager().UntagPeer(id, connmgr.Deal)
	}
}
