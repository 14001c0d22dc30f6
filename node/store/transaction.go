package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Version names what a row holds; two different documents under one key have
// different versions. NoVersion is that of a missing row.
type Version string

// NoVersion is the version of a missing row.
const NoVersion Version = ""

// InTx is a table within a transaction: DB.Change.
type InTx[T any] struct {
	table *Table[T]
	tx    *Tx
}

// In returns the table within a transaction.
func (t *Table[T]) In(tx *Tx) InTx[T] { return InTx[T]{t, tx} }

// Get reads the value under key, with what the transaction wrote.
func (i InTx[T]) Get(ctx context.Context, key string) (T, error) {
	value, _, err := i.table.get(ctx, i.tx.writer, key)
	return value, err
}

// Put writes value under key as Table.Put does.
func (i InTx[T]) Put(ctx context.Context, key string, value T) error {
	body, err := encode(key, value)
	if err != nil {
		return err
	}
	return i.put(ctx, NewRow(i.table.name, key, body))
}

func (i InTx[T]) put(ctx context.Context, r Row) error {
	name := RowName{r.Table, r.Key}
	if damage, damaged := i.tx.db.damages.get(name); damaged {
		if damage.Deal != 0 {
			return &damageError{damage}
		}
		if err := i.tx.setAside(ctx, damage); err != nil {
			return err
		}
	}
	i.tx.changed = append(i.tx.changed, name)
	return i.tx.writer.Put(ctx, r)
}

// Delete removes key as Table.Delete does.
func (i InTx[T]) Delete(ctx context.Context, key string) error {
	name := RowName{i.table.name, key}
	if damage, damaged := i.tx.db.damages.get(name); damaged {
		return i.tx.setAside(ctx, damage)
	}
	i.tx.changed = append(i.tx.changed, name)
	return i.tx.writer.Delete(ctx, i.table.name, key)
}

// GetVersion reads the value under key and its version, for PutIf.
func (t *Table[T]) GetVersion(ctx context.Context, key string) (T, Version, error) {
	value, version, err := t.get(ctx, t.db.backend, key)
	return value, version, t.explain("get", key, err)
}

// PutIf writes value under key if the row has that version still, and returns the new
// one; else nothing is written and it is ErrConflict. With NoVersion the row must be
// missing.
func (t *Table[T]) PutIf(ctx context.Context, key string, value T, version Version) (Version, error) {
	next, err := t.putIf(ctx, key, value, version)
	return next, t.explain("put", key, err)
}

func (t *Table[T]) putIf(ctx context.Context, key string, value T, version Version) (Version, error) {
	body, err := encode(key, value)
	if err != nil {
		return NoVersion, err
	}
	row := NewRow(t.name, key, body)
	err = t.db.Change(ctx, func(tx *Tx) error {
		_, has, err := t.get(ctx, tx.writer, key)
		switch {
		case err != nil && !errors.Is(err, pdx.ErrNotFound):
			return err
		case has != version:
			return ErrConflict
		}
		return t.In(tx).put(ctx, row)
	})
	if err != nil {
		return NoVersion, err
	}
	return row.version(), nil
}

// version is the checksum: a row that holds the same again is the same version.
func (r Row) version() Version { return Version(fmt.Sprintf("%x", r.Sum)) }

// get decodes a row, and notes damage.
func (t *Table[T]) get(ctx context.Context, from Reader, key string) (value T, version Version, err error) {
	r, err := from.Get(ctx, t.name, key)
	if err != nil {
		return value, NoVersion, err
	}
	if value, err = decode[T](r); err != nil {
		return value, NoVersion, t.db.damages.found(err)
	}
	return value, r.version(), nil
}
