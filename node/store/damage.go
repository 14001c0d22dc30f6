package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// ErrDamagedRow: one row fails its checksum or does not parse. All other rows are
// as good as before.
var ErrDamagedRow = fmt.Errorf("%w: damaged row", pdx.ErrCorrupt)

// Damage is a damaged row.
type Damage struct {
	Table string
	Key   string
	Deal  pdx.DealID // that the row is about; 0 for none
	Fault string     // what is wrong with the row
}

// String names the row and its deal.
func (d Damage) String() string {
	if d.Deal == 0 {
		return fmt.Sprintf("row %q of table %q", d.Key, d.Table)
	}
	return fmt.Sprintf("row %q of table %q (deal %v)", d.Key, d.Table, d.Deal)
}

// damageError is ErrDamagedRow with the row.
type damageError struct{ Damage }

func (e *damageError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrDamagedRow, e.Damage, e.Fault)
}

func (e *damageError) Unwrap() error { return ErrDamagedRow }

// RowName identifies a row.
type RowName struct{ Table, Key string }

// damages are the damaged rows that were found and are still in their tables.
type damages struct {
	mu   sync.Mutex
	rows map[RowName]Damage
}

// found notes the row that err is about, if it is about one, and returns err.
func (d *damages) found(err error) error {
	var damaged *damageError
	if errors.As(err, &damaged) {
		d.add(damaged.Damage)
	}
	return err
}

func (d *damages) add(damage Damage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rows == nil {
		d.rows = map[RowName]Damage{}
	}
	d.rows[RowName{damage.Table, damage.Key}] = damage
}

func (d *damages) get(name RowName) (Damage, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	damage, ok := d.rows[name]
	return damage, ok
}

func (d *damages) gone(name RowName) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.rows, name)
}

// Damaged returns the damaged rows that were found and not set aside. New inspects
// all rows if the backend can, and every read checks what it reads.
func (db *DB) Damaged() []Damage {
	db.damages.mu.Lock()
	defer db.damages.mu.Unlock()
	return slices.SortedFunc(maps.Values(db.damages.rows), func(a, b Damage) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Key, b.Key))
	})
}

// SetAside moves a damaged row to the quarantine, from which nothing is deleted.
// Its key is free afterwards.
func (db *DB) SetAside(ctx context.Context, d Damage) error {
	if _, ok := db.damages.get(RowName{d.Table, d.Key}); !ok {
		return fmt.Errorf("set aside %s: %w: the row is not known to be damaged", d, pdx.ErrInvalid)
	}
	return explain("set aside "+d.String(), db.Change(ctx, func(tx *Tx) error { return tx.setAside(ctx, d) }))
}

func (tx *Tx) setAside(ctx context.Context, d Damage) error {
	tx.changed = append(tx.changed, RowName{d.Table, d.Key})
	return tx.writer.SetAside(ctx, d)
}

// Aside returns the newest rows of the quarantine, at most MaxAside, and how many
// there are.
func (db *DB) Aside(ctx context.Context) (newest []Damage, total int, err error) {
	newest, total, err = db.backend.Aside(ctx)
	return newest, total, explain("list the quarantine", err)
}

// AsideOf returns how many rows of a table are in the quarantine.
func (db *DB) AsideOf(ctx context.Context, table string) (int, error) {
	n, err := db.backend.AsideOf(ctx, table)
	return n, explain("count the quarantine", err)
}
