package node

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

// counterparties tags the peers that this node needs: those that have proven to speak for a
// party of a live deal, and those that validators have on chain. The connection manager
// closes their connections last.
type counterparties struct {
	host  host.Host
	known func(peer.ID) (pdx.Address, bool) // accounts that were proven before
	// deals reports whether an account is party to a live deal of any role.
	deals func(pdx.Address) bool
	seeds func(context.Context) ([]peer.AddrInfo, error) // the validators on chain
	log   *slog.Logger

	changed    notify.Signal // the validators changed
	validators map[peer.ID]struct{}
	read       time.Time // when validators were read
}

func newCounterparties(n *Node) *counterparties {
	return &counterparties{
		host: n.host, known: n.hello.Known, seeds: n.seeds, log: n.log, changed: notify.New(),
		deals: func(account pdx.Address) bool {
			return n.seller.DealsWith(account) || n.buyer.DealsWith(account) || n.validator.DealsWith(account)
		},
	}
}

// wake triggers a read of the validators. It never blocks.
func (c *counterparties) wake() { c.changed.Set() }

// run keeps the tags up to date until ctx ends.
func (c *counterparties) run(ctx context.Context) {
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
func (c *counterparties) readValidators(ctx context.Context) {
	infos, err := c.seeds(ctx)
	if err != nil {
		c.log.Debug("validators not read", "error", err)
		return
	}
	c.validators = make(map[peer.ID]struct{}, len(infos))
	for _, info := range infos {
		c.validators[info.ID] = struct{}{}
	}
	c.read = time.Now()
}

// refresh tags every connected peer.
func (c *counterparties) refresh() {
	manager := c.host.ConnManager()
	for _, id := range c.host.Network().Peers() {
		if _, is := c.validators[id]; is {
			manager.TagPeer(id, connmgr.Validator, connmgr.ValidatorWeight)
		} else {
			manager.UntagPeer(id, connmgr.Validator)
		}
		account, proven := c.known(id)
		c.tag(id, proven && c.deals(account))
	}
}

// met tags a peer that has just proven its account. A nil receiver does nothing.
func (c *counterparties) met(account pdx.Address, id peer.ID) {
	if c != nil && c.deals(account) {
		c.tag(id, true)
	}
}

func (c *counterparties) tag(id peer.ID, party bool) {
	if party {
		c.host.ConnManager().TagPeer(id, connmgr.Deal, connmgr.DealWeight)
	} else {
		c.host.ConnManager().UntagPeer(id, connmgr.Deal)
	}
}
