package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

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

func (r row) damage(fault string) Damage {
	return Damage{Table: r.table, Key: r.key, Deal: r.deal, Fault: fault}
}

// damageError is ErrDamagedRow with the row.
type damageError struct{ Damage }

func (e *damageError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrDamagedRow, e.Damage, e.Fault)
}

func (e *damageError) Unwrap() error { return ErrDamagedRow }

// rowName identifies a row.
type rowName struct{ table, key string }

// damages are the damaged rows that were found and are still in their tables.
type damages struct {
	mu   sync.Mutex
	rows map[rowName]Damage
}

// found notes the row that err is about, if it is about one, and returns err.
func (d *damages) found(err error) error {
	var damaged *damageError
	if errors.As(err, &damaged) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.rows == nil {
			d.rows = map[rowName]Damage{}
		}
		d.rows[rowName{damaged.Table, damaged.Key}] = damaged.Damage
	}
	return err
}

func (d *damages) get(name rowName) (Damage, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	damage, ok := d.rows[name]
	return damage, ok
}

func (d *damages) gone(name rowName) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.rows, name)
}

// Damaged returns the damaged rows that were found and not set aside. Open looks
// at all rows, and every read looks at what it reads.
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
	name := rowName{d.Table, d.Key}
	if _, ok := db.damages.get(name); !ok {
		return fmt.Errorf("set aside %s: %w: the row is not known to be damaged", d, pdx.ErrInvalid)
	}
	err := db.inTx(ctx, func(tx *sql.Tx) error { return moveAside(ctx, tx, d) })
	if err == nil {
		db.damages.gone(name)
	}
	return explain("set aside "+d.String(), err)
}

// moveAside moves a row to the quarantine; none is no error.
func moveAside(ctx context.Context, tx *sql.Tx, d Damage) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO quarantine (collection, key, body, sum, deal, fault, at)
		SELECT collection, key, body, sum, ?, ?, ? FROM documents WHERE collection = ? AND key = ?`,
		int64(d.Deal), d.Fault, time.Now().Unix(), d.Table, d.Key)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM documents WHERE collection = ? AND key = ?", d.Table, d.Key)
	return err
}

// Aside returns the newest rows of the quarantine, at most MaxAside, and how many
// there are.
func (db *DB) Aside(ctx context.Context) (newest []Damage, total int, err error) {
	newest, total, err = db.aside(ctx)
	return newest, total, explain("list the quarantine", err)
}

// AsideOf returns how many rows of a table are in the quarantine.
func (db *DB) AsideOf(ctx context.Context, table string) (n int, err error) {
	err = db.reader.QueryRowContext(ctx, "SELECT count(*) FROM quarantine WHERE collection = ?", table).Scan(&n)
	return n, explain("count the quarantine", err)
}

func (db *DB) aside(ctx context.Context) (newest []Damage, total int, err error) {
	if err := db.reader.QueryRowContext(ctx, "SELECT count(*) FROM quarantine").Scan(&total); err != nil || total == 0 {
		return nil, 0, err
	}
	rows, err := db.reader.QueryContext(ctx, "SELECT collection, key, deal, fault FROM quarantine ORDER BY id DESC LIMIT ?", MaxAside)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var d Damage
		var deal int64
		if err := rows.Scan(&d.Table, &d.Key, &deal, &d.Fault); err != nil {
			return nil, 0, err
		}
		d.Deal = pdx.DealID(deal)
		newest = append(newest, d)
	}
	return newest, total, rows.Err()
}
