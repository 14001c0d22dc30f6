package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
)

const (
	// damageTick is how often damaged rows are looked for and judged.
	damageTick = time.Minute
	// damageRetry is how soon they are judged again when the chain did not answer.
	damageRetry = 5 * time.Second
	// maxDamageShown bounds the rows that health names one by one.
	maxDamageShown = 10
)

// damage decides what becomes of damaged rows of the store. The row of a deal that
// has ended according to the chain is set aside, and so is one of no deal. The row
// of a live deal stays where it is: that deal stands still, and a person must act,
// but for a sale, which the seller takes up again from the chain.
type damage struct {
	db    *store.DB
	chain dealReader
	// ended is told of a deal whose row was set aside.
	ended func(ctx context.Context, table string, deal pdx.Deal) error
	log   *slog.Logger

	mu    sync.Mutex
	deals map[pdx.DealID]pdx.Deal // of damaged rows, as last read
}

// dealReader reads deals from the chain.
type dealReader interface {
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
}

func newDamage(db *store.DB, chain dealReader, ended func(context.Context, string, pdx.Deal) error, log *slog.Logger) *damage {
	return &damage{db: db, chain: chain, ended: ended, log: log, deals: map[pdx.DealID]pdx.Deal{}}
}

// run judges damaged rows until ctx ends.
func (d *damage) run(ctx context.Context) {
	told := map[store.Damage]bool{}
	for ctx.Err() == nil {
		wait := damageTick
		for _, row := range d.db.Damaged() {
			if !told[row] {
				told[row] = true
				d.log.ErrorContext(ctx, "a row of the database is damaged", "row", row.String(), "fault", row.Fault)
			}
			if err := d.judge(ctx, row); err != nil {
				wait = damageRetry
				d.log.DebugContext(ctx, "a damaged row waits", "row", row.String(), "error", err)
			}
		}
		pause(ctx, wait)
	}
}

// judge sets a row aside unless its deal goes on. An error means that this is not
// known yet.
func (d *damage) judge(ctx context.Context, row store.Damage) error {
	switch {
	case row.Table == claimsTable:
		return mendClaim(ctx, store.NewTable[claim](d.db, claimsTable), row.Key)
	case row.Deal == 0:
		return d.setAside(ctx, row)
	}
	deal, err := d.chain.Deal(ctx, row.Deal)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.deals[deal.ID] = deal
	d.mu.Unlock()
	if !deal.State.Ended() {
		return nil
	}
	if err := d.setAside(ctx, row); err != nil {
		return err
	}
	return d.ended(ctx, row.Table, deal)
}

func (d *damage) setAside(ctx context.Context, row store.Damage) error {
	err := d.db.SetAside(ctx, row)
	if err == nil {
		d.log.WarnContext(ctx, "a damaged row was set aside", "row", row.String(), "fault", row.Fault)
	}
	return err
}

// needs reports whether a damaged row may need a blob: then it is not deleted. A
// nil damage needs nothing.
func (d *damage) needs(id pdx.ContentID) bool {
	if d == nil {
		return false
	}
	rows := d.db.Damaged()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range rows {
		deal, known := d.deals[row.Deal]
		if row.Deal != 0 && (!known || !deal.State.Ended() && deal.Dataset.Root == id) {
			return true
		}
	}
	return false
}

// needsAny reports whether there is a row that may need blobs.
func (d *damage) needsAny() bool {
	if d == nil {
		return false
	}
	for _, row := range d.db.Damaged() {
		if row.Deal != 0 || row.Table == claimsTable {
			return true
		}
	}
	return false
}

// health names damaged rows, those that stop a deal first.
func (d *damage) health(ctx context.Context) (list []api.Health) {
	for i, row := range d.db.Damaged() {
		if i == maxDamageShown {
			return append(list, api.Health{Part: "database", Message: "more rows are damaged than are named here: the disk may be failing"})
		}
		list = append(list, api.Health{Part: "database", Message: d.explain(row)})
	}
	aside, total, err := d.db.Aside(ctx)
	switch {
	case err != nil:
		return append(list, api.Health{Part: "database", Message: err.Error()})
	case total == 0:
		return list
	}
	message := fmt.Sprintf("%d damaged rows were set aside, the last of them %s", total, aside[0])
	if total == 1 {
		message = fmt.Sprintf("1 damaged row was set aside: %s", aside[0])
	}
	if cure := cureOf(aside[0].Table); aside[0].Deal == 0 && cure != "" {
		message += "; " + cure
	}
	return append(list, api.Health{Part: "database", OK: true, Message: message})
}

func (d *damage) explain(row store.Damage) string {
	d.mu.Lock()
	deal, known := d.deals[row.Deal]
	d.mu.Unlock()
	if !known {
		return fmt.Sprintf("%s is damaged: %s; whether its deal has ended is not known until the chain answers", row, row.Fault)
	}
	if row.Table == home.SalesTable && !seller.TakenUp(row.Key) {
		return fmt.Sprintf("%s is damaged: %s; the deal is %s, and the seller takes it up again from the chain when the node starts: see 'pdx sales'",
			row, row.Fault, deal.State)
	}
	return fmt.Sprintf("%s is damaged: %s; the deal is %s and stands still on this node, all others go on: stop the node and restore node.db from a backup before the deal's deadline",
		row, row.Fault, deal.State)
}

// cureOf says how the owner makes anew what a row of no deal held.
func cureOf(table string) string {
	switch table {
	case "data":
		return "register the data again with 'pdx data add'"
	case "orders":
		return "order the pool again with 'pdx pull'"
	case home.PoolsTable:
		return "repeat 'pdx pool create' with the same --request-id and the same terms to get the pool's entry back"
	case home.SalesTable:
		return "sell again with 'pdx sell'; an offer that was just being sent lapses"
	}
	return ""
}

// claimsLost reports whether a claim was damaged at any time. Its key may have been
// what was damaged, so a blob without a claim is no leftover.
func (d *damage) claimsLost(ctx context.Context) (bool, error) {
	if d == nil {
		return false, nil
	}
	n, err := d.db.AsideOf(ctx, claimsTable)
	return n > 0, err
}

// errDamageNeeds keeps a blob.
var errDamageNeeds = fmt.Errorf("%w: a damaged row of the database may need this blob; see 'pdx status'", pdx.ErrUnavailable)

// wireDamage comes before the roles, whose blobs ask it.
func (n *Node) wireDamage(context.Context) error {
	n.damage = newDamage(n.home.DB, n.chain, n.dealSetAside, n.log)
	return nil
}

// dealSetAside tells the role whose row was set aside. A seller's and a validator's
// part in a deal that has ended needs nothing more.
func (n *Node) dealSetAside(ctx context.Context, table string, deal pdx.Deal) error {
	if table != home.PullsTable {
		return nil
	}
	return n.buyer.Forgotten(ctx, deal)
}

// notDamaged makes a damaged row read as one that is not there, where it can be
// made anew.
func notDamaged(err error) error {
	if errors.Is(err, store.ErrDamagedRow) {
		return fmt.Errorf("%w (%v)", pdx.ErrNotFound, err)
	}
	return err
}
