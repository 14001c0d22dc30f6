package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
)

const (
	// damageTick is the interval between checks of damaged rows.
	damageTick = time.Minute
	// damageRetry is the pause after the chain did not answer.
	damageRetry = 5 * time.Second
	// maxDamageShown bounds the rows that health lists individually.
	maxDamageShown = 10
)

// damage decides what becomes of damaged rows of the store. It sets aside the row of a deal
// that has ended according to the chain, and a row of no deal. The row of an open deal
// stays: that deal is halted until a person acts, except for a sale, which the seller
// recovers from the chain.
type damage struct {
	db    *store.DB
	chain dealReader
	// ended is called with a deal whose row was set aside.
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
		_ = lifecycle.Sleep(ctx, wait)
	}
}

// judge sets a row aside unless its deal is open. An error means that this is not known
// yet.
func (d *damage) judge(ctx context.Context, row store.Damage) error {
	switch {
	case row.Table == refsTable:
		return restoreRef(ctx, store.NewTable[ref](d.db, refsTable), row.Key)
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

// needs reports whether a damaged row may need a blob, which must not be deleted then. A
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

// needsAny reports whether any damaged row may need blobs.
func (d *damage) needsAny() bool {
	if d == nil {
		return false
	}
	for _, row := range d.db.Damaged() {
		if row.Deal != 0 || row.Table == refsTable {
			return true
		}
	}
	return false
}

// health lists damaged rows and those that were set aside.
func (d *damage) health(ctx context.Context) (list []api.Health) {
	for i, row := range d.db.Damaged() {
		if i == maxDamageShown {
			return append(list, api.Health{Part: "database", Message: "more rows are damaged than are listed here: the disk may be failing"})
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
		return fmt.Sprintf("%s is damaged: %s; the chain has not answered yet whether its deal has ended", row, row.Fault)
	}
	if row.Table == home.SalesTable && !seller.TakenUp(row.Key) {
		return fmt.Sprintf("%s is damaged: %s; the deal is %s; the seller recovers it from the chain when the node starts: see 'pdx sales'",
			row, row.Fault, deal.State)
	}
	return fmt.Sprintf("%s is damaged: %s; the deal is %s and is halted on this node, while all others continue:"+
		" stop the node and restore node.db from a backup before the deal's deadline",
		row, row.Fault, deal.State)
}

// cureOf says how the owner can recreate what a row of no deal held.
func cureOf(table string) string {
	switch table {
	case home.DataTable:
		return "register the data again with 'pdx data add'"
	case "orders":
		return "order the pool again with 'pdx pull'"
	case home.PoolsTable:
		return "repeat 'pdx pool create' with the same --request-id and the same terms to get the pool's entry back"
	case home.SalesTable:
		return "sell again with 'pdx sell'; an offer that was being sent will lapse"
	}
	return ""
}

// refsLost reports whether a ref was ever damaged. The damage may have hit its key, so a
// blob without a ref does not count as a leftover then.
func (d *damage) refsLost(ctx context.Context) (bool, error) {
	if d == nil {
		return false, nil
	}
	n, err := d.db.AsideOf(ctx, refsTable)
	return n > 0, err
}

// errDamageNeeds is why a blob is not deleted.
var errDamageNeeds = fmt.Errorf("%w: a damaged row of the database may need this blob; see 'pdx status'", pdx.ErrUnavailable)

// wireDamage precedes the roles, whose blobs use it.
func (n *Node) wireDamage(context.Context) error {
	n.damage = newDamage(n.home.DB, n.chain, n.dealSetAside, n.log)
	return nil
}

// dealSetAside tells the buyer that a row of a deal was set aside. The seller and the
// validator need nothing more once a deal has ended.
func (n *Node) dealSetAside(ctx context.Context, table string, deal pdx.Deal) error {
	if table != home.PullsTable {
		return nil
	}
	return n.buyer.Forgotten(ctx, deal)
}

// notDamaged turns the error of a damaged row into pdx.ErrNotFound, where the row can be
// recreated.
func notDamaged(err error) error {
	if errors.Is(err, store.ErrDamagedRow) {
		return fmt.Errorf("%w (%v)", pdx.ErrNotFound, err)
	}
	return err
}
