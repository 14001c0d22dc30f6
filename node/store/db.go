package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// DB is an open store. Make one with New.
type DB struct {
	backend Backend
	damages damages
	feeds   feeds
}

// New returns the store over a backend. It owns the backend, and inspects all rows if
// the backend can.
func New(ctx context.Context, b Backend) (*DB, error) {
	db := &DB{backend: b}
	if inspector, ok := b.(Inspector); ok {
		damaged, err := inspector.Inspect(ctx)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("check rows: %w", err), b.Close())
		}
		for _, d := range damaged {
			db.damages.add(d)
		}
	}
	if announcer, ok := b.(Announcer); ok {
		announcer.Announce(db.feeds.publish)
	}
	return db, nil
}

// Backend returns what the store is made over, for that package's own tests.
func (db *DB) Backend() Backend { return db.backend }

// Close closes the store; calls after it fail.
func (db *DB) Close() error { return db.backend.Close() }

// Snapshot writes a consistent copy of the store, with all that was committed, to a
// new file at path. A store that cannot is pdx.ErrRefused.
func (db *DB) Snapshot(ctx context.Context, path string) error {
	s, ok := db.backend.(Snapshotter)
	if !ok {
		return fmt.Errorf("snapshot of the database: %w: this kind of store has none: back it up with its own tools", pdx.ErrRefused)
	}
	return explain("snapshot of the database", s.Snapshot(ctx, path))
}

// Change runs fn in one transaction over any tables, which fn reaches by Table.In. All
// that fn wrote is on disk when Change returns nil; after an error of fn, which is
// returned, nothing is. fn may be run again after a conflict with another
// writer, so it must have no other effect, and must not use the DB itself.
func (db *DB) Change(ctx context.Context, fn func(*Tx) error) error {
	var tx *Tx
	err := db.backend.Write(ctx, func(w Writer) error {
		tx = &Tx{db: db, writer: w}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	for _, name := range tx.changed {
		db.damages.gone(name)
	}
	db.feeds.publish(tx.changed, false)
	return nil
}

// Tx is a transaction. It ends with the function that it was given to.
type Tx struct {
	db      *DB
	writer  Writer
	changed []RowName // rows that are whole, or gone, once it is committed
}

func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
