package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/medibloc/pdx"
)

// Table holds JSON documents of type T under string keys. Fields that T gains
// later read as zero from older documents.
type Table[T any] struct {
	db   *DB
	name string
}

// NewTable returns the table with a name. It creates nothing; two calls with one name
// return the same table.
func NewTable[T any](db *DB, name string) *Table[T] {
	return &Table[T]{db: db, name: name}
}

// Put writes value under key, whatever was there; when it returns nil the value is on disk.
// A document of more than MaxDocument bytes is pdx.ErrInvalid. A row that is known to be
// damaged is set aside first; if it belongs to a deal, Put fails with ErrDamagedRow
// instead, because replacing it could lose what the deal needs.
func (t *Table[T]) Put(ctx context.Context, key string, value T) error {
	return t.explain("put", key, t.putAll(ctx, map[string]T{key: value}))
}

// PutAll writes all these values by key as Put does, or none: one sync for all.
func (t *Table[T]) PutAll(ctx context.Context, values map[string]T) error {
	return t.explain("put many", "", t.putAll(ctx, values))
}

func (t *Table[T]) putAll(ctx context.Context, values map[string]T) error {
	keys := slices.Sorted(maps.Keys(values)) // one order for all writers: none waits for another in a circle
	return t.db.Change(ctx, func(tx *Tx) error {
		for _, key := range keys {
			if err := t.In(tx).Put(ctx, key, values[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

// ChangeAll writes what change makes of the value under each key, which is the
// zero T if there is none: all or nothing, and one sync for all. change must not
// use the DB, and may be called again: see DB.Change.
func (t *Table[T]) ChangeAll(ctx context.Context, keys []string, change func(T) T) error {
	err := t.db.Change(ctx, func(tx *Tx) error {
		for _, key := range keys {
			value, err := t.In(tx).Get(ctx, key)
			if err != nil && !errors.Is(err, pdx.ErrNotFound) {
				return err
			}
			if err := t.In(tx).Put(ctx, key, change(value)); err != nil {
				return err
			}
		}
		return nil
	})
	return t.explain("change many", "", err)
}

// Update reads the value under key (pdx.ErrNotFound if there is none), passes it to change
// and writes the result, in one transaction. If change fails, nothing is written and its
// error is returned. change must not use the DB, and may be called again: see DB.Change.
func (t *Table[T]) Update(ctx context.Context, key string, change func(T) (T, error)) (T, error) {
	var changed T
	err := t.db.Change(ctx, func(tx *Tx) error {
		value, err := t.In(tx).Get(ctx, key)
		if err != nil {
			return err
		}
		if changed, err = change(value); err != nil {
			return err
		}
		return t.In(tx).Put(ctx, key, changed)
	})
	if err != nil {
		var zero T
		return zero, t.explain("update", key, err)
	}
	return changed, nil
}

// Get reads the value under key, or pdx.ErrNotFound, or ErrDamagedRow.
func (t *Table[T]) Get(ctx context.Context, key string) (T, error) {
	value, _, err := t.get(ctx, t.db.backend, key)
	return value, t.explain("get", key, err)
}

// Delete removes key; it is no error if there is none. A row that is known to be
// damaged is set aside instead.
func (t *Table[T]) Delete(ctx context.Context, key string) error {
	return t.explain("delete", key, t.db.Change(ctx, func(tx *Tx) error { return t.In(tx).Delete(ctx, key) }))
}

// All reads every value, in the byte order of their keys. Damaged rows are left
// out: DB.Damaged has them. All is for tables that grow with what the owner of the
// node does, not with what peers send, and for the owner's own use: on behalf of a
// peer (see Serving) it is ErrScan. Work for each event uses Find.
func (t *Table[T]) All(ctx context.Context) ([]T, error) {
	if err := CheckScan(ctx); err != nil {
		return nil, t.explain("list", "", err)
	}
	values, err := t.values(ctx, Query{Table: t.name})
	return values, t.explain("list", "", err)
}

// Find reads the values whose field, which must be a declared index, has a value.
// Damaged rows are left out.
func (t *Table[T]) Find(ctx context.Context, field string, value any) ([]T, error) {
	v, err := IndexValue(value)
	if err != nil {
		return nil, t.explain("find", field, err)
	}
	values, err := t.values(ctx, Query{Table: t.name, Field: field, From: v, To: Successor(v)})
	return values, t.explain("find", field, err)
}

// Range returns the values that a query selects; its Table is ignored and is t. Damaged
// rows are left out. A query without a limit is ErrScan on behalf of a peer (see Serving).
func (t *Table[T]) Range(ctx context.Context, q Query) ([]T, error) {
	q.Table = t.name
	if err := CheckScan(ctx); err != nil && q.Limit == 0 {
		return nil, t.explain("read a range of", "", err)
	}
	values, err := t.values(ctx, q)
	return values, t.explain("read a range of", "", err)
}

func (t *Table[T]) values(ctx context.Context, q Query) ([]T, error) {
	var values []T
	for r, err := range t.db.backend.Rows(ctx, q) {
		if err != nil {
			return nil, err
		}
		value, err := decode[T](r)
		if t.db.damages.found(err) == nil {
			values = append(values, value)
		}
	}
	return values, nil
}

// Count returns how many values there are; ErrScan as for All.
func (t *Table[T]) Count(ctx context.Context) (int, error) {
	if err := CheckScan(ctx); err != nil {
		return 0, t.explain("count", "", err)
	}
	n, err := t.db.backend.Count(ctx, t.name)
	return n, t.explain("count", "", err)
}

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
