package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Table holds JSON documents of type T under string keys. Fields that T gains
// later read as zero from older documents.
type Table[T any] struct {
	db   *DB
	name string
}

// NewTable is the table of that name; two with the same name are the same table.
func NewTable[T any](db *DB, name string) *Table[T] {
	return &Table[T]{db: db, name: name}
}

// Put writes value under key, whatever was there; when it returns nil the value
// is on disk. A row that is known to be damaged is set aside, unless it is about a
// deal: what that deal needs to know may be lost, so it is ErrDamagedRow.
func (t *Table[T]) Put(ctx context.Context, key string, value T) error {
	return t.explain("put", key, t.putAll(ctx, map[string]T{key: value}))
}

// PutAll writes all these values by key as Put does, or none: one sync for all.
func (t *Table[T]) PutAll(ctx context.Context, values map[string]T) error {
	return t.explain("put many", "", t.putAll(ctx, values))
}

func (t *Table[T]) putAll(ctx context.Context, values map[string]T) error {
	err := t.db.inTx(ctx, func(tx *sql.Tx) error {
		for key, value := range values {
			if err := t.makeWay(ctx, tx, key); err != nil {
				return err
			}
			if err := t.write(ctx, tx, key, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for key := range values {
			t.db.damages.gone(rowName{t.name, key})
		}
	}
	return err
}

// makeWay sets a damaged row aside, or refuses if it is about a deal.
func (t *Table[T]) makeWay(ctx context.Context, tx *sql.Tx, key string) error {
	damage, damaged := t.db.damages.get(rowName{t.name, key})
	switch {
	case !damaged:
		return nil
	case damage.Deal != 0:
		return &damageError{damage}
	}
	return moveAside(ctx, tx, damage)
}

// ChangeAll writes what change makes of the value under each key, which is the
// zero T if there is none: all or nothing, and one sync for all. change must not
// use the DB.
func (t *Table[T]) ChangeAll(ctx context.Context, keys []string, change func(T) T) error {
	err := t.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			value, err := t.read(tx.QueryRowContext(ctx, getRow, t.name, key))
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if err := t.write(ctx, tx, key, change(value)); err != nil {
				return err
			}
		}
		return nil
	})
	return t.explain("change many", "", err)
}

func (t *Table[T]) write(ctx context.Context, tx *sql.Tx, key string, value T) error {
	body, err := encode(key, value)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, putRow, newRow(t.name, key, body).values()...)
	return err
}

// Get reads the value under key, or pdx.ErrNotFound, or ErrDamagedRow.
func (t *Table[T]) Get(ctx context.Context, key string) (T, error) {
	value, err := t.read(t.db.reader.QueryRowContext(ctx, getRow, t.name, key))
	return value, t.explain("get", key, err)
}

// Update reads the value under key (ErrNotFound if there is none), gives it to
// change and writes what that returns, in one transaction. If change fails,
// nothing is written and its error is returned. change must not use the DB.
func (t *Table[T]) Update(ctx context.Context, key string, change func(T) (T, error)) (T, error) {
	var changed T
	err := t.db.inTx(ctx, func(tx *sql.Tx) error {
		value, err := t.read(tx.QueryRowContext(ctx, getRow, t.name, key))
		if err != nil {
			return err
		}
		if changed, err = change(value); err != nil {
			return err
		}
		return t.write(ctx, tx, key, changed)
	})
	if err != nil {
		var zero T
		return zero, t.explain("update", key, err)
	}
	return changed, nil
}

// Delete removes key; it is no error if there is none. A row that is known to be
// damaged is set aside instead.
func (t *Table[T]) Delete(ctx context.Context, key string) error {
	if damage, damaged := t.db.damages.get(rowName{t.name, key}); damaged {
		return t.db.SetAside(ctx, damage)
	}
	_, err := t.db.writer.ExecContext(ctx, "DELETE FROM documents WHERE collection = ? AND key = ?", t.name, key)
	return t.explain("delete", key, err)
}

// All reads every value, in the byte order of their keys. Damaged rows are left
// out: DB.Damaged has them. All is for tables that grow with what the owner of the
// node does, not with what peers send, and for the owner's own use: on behalf of a
// peer (see Serving) it is ErrScan.
func (t *Table[T]) All(ctx context.Context) ([]T, error) {
	if err := CheckScan(ctx); err != nil {
		return nil, t.explain("list", "", err)
	}
	values, err := t.all(ctx)
	return values, t.explain("list", "", err)
}

func (t *Table[T]) all(ctx context.Context) ([]T, error) {
	rows, err := t.db.reader.QueryContext(ctx, "SELECT "+rowColumns+" FROM documents WHERE collection = ? ORDER BY key", t.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []T
	for rows.Next() {
		value, err := t.read(rows)
		if errors.Is(err, ErrDamagedRow) {
			continue
		}
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// Count is how many values there are; ErrScan as for All.
func (t *Table[T]) Count(ctx context.Context) (int, error) {
	if err := CheckScan(ctx); err != nil {
		return 0, t.explain("count", "", err)
	}
	var n int
	err := t.db.reader.QueryRowContext(ctx, "SELECT count(*) FROM documents WHERE collection = ?", t.name).Scan(&n)
	return n, t.explain("count", "", err)
}

const (
	putRow = "INSERT INTO documents (" + rowColumns + ") VALUES (?, ?, ?, ?, ?)" +
		" ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum, deal = excluded.deal"
	getRow = "SELECT " + rowColumns + " FROM documents WHERE collection = ? AND key = ?"
)

func (t *Table[T]) explain(verb, key string, err error) error {
	if key != "" {
		key = " " + key
	}
	return explain(fmt.Sprintf("%s %s%s", verb, t.name, key), err)
}

func encode(key string, value any) ([]byte, error) {
	if key == "" {
		return nil, fmt.Errorf("%w: the key of a document is empty", pdx.ErrInvalid)
	}
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", pdx.ErrInvalid, err)
	}
	if len(body) > MaxDocument {
		return nil, fmt.Errorf("%w: a document of %d bytes; at most %d are kept", pdx.ErrInvalid, len(body), MaxDocument)
	}
	return body, nil
}

// read decodes a row, and notes damage.
func (t *Table[T]) read(from interface{ Scan(...any) error }) (T, error) {
	r, err := scanRow(from)
	if err != nil {
		var zero T
		return zero, err
	}
	value, err := decode[T](r)
	return value, t.db.damages.found(err)
}
