package netdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
)

// Datastore returns the node's own part of the database, a datastore for its
// announcements and their schedule. It has no limit, since only the node itself writes
// to it. Sync does nothing: a power cut may lose the last writes, and the node then
// announces again what it serves.
//
// It ignores contexts, since the sweeping provider (see package discovery) saves its
// queue and schedule after its context has ended; its statements are short.
func (db *DB) Datastore() datastore.Batching { return own{db} }

type own struct{ db *DB }

var _ datastore.Batching = own{}

const putOwn = "INSERT INTO own (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"

func (o own) Put(ctx context.Context, key datastore.Key, value []byte) error {
	_, err := o.db.writer.ExecContext(context.WithoutCancel(ctx), putOwn, key.String(), present(value))
	return explain("put", key, err)
}

func (o own) Delete(ctx context.Context, key datastore.Key) error {
	_, err := o.db.writer.ExecContext(context.WithoutCancel(ctx), "DELETE FROM own WHERE key = ?", key.String())
	return explain("delete", key, err)
}

func (o own) Get(ctx context.Context, key datastore.Key) ([]byte, error) {
	var value []byte
	err := o.db.reader.QueryRowContext(context.WithoutCancel(ctx), "SELECT value FROM own WHERE key = ?", key.String()).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, datastore.ErrNotFound
	}
	return present(value), explain("get", key, err)
}

func (o own) Has(ctx context.Context, key datastore.Key) (bool, error) {
	return datastore.GetBackedHas(ctx, o, key)
}

func (o own) GetSize(ctx context.Context, key datastore.Key) (int, error) {
	return datastore.GetBackedSize(ctx, o, key)
}

func (o own) Sync(context.Context, datastore.Key) error { return nil }

// Close does nothing: the DB is closed by its owner.
func (o own) Close() error { return nil }

// Query reads the keys below q.Prefix, which are the node's own, at once, so that
// the caller may write while it goes through them.
func (o own) Query(ctx context.Context, q query.Query) (query.Results, error) {
	entries, err := o.below(context.WithoutCancel(ctx), q)
	if err != nil {
		return nil, fmt.Errorf("query the node's announcements: %w", err)
	}
	return query.NaiveQueryApply(q, query.ResultsWithEntries(q, entries)), nil
}

// below lists the entries under a prefix by a range of the primary key: '0'
// comes right after '/'.
func (o own) below(ctx context.Context, q query.Query) ([]query.Entry, error) {
	from := "/"
	if prefix := datastore.NewKey(q.Prefix).String(); prefix != "/" {
		from = prefix + "/"
	}
	rows, err := o.db.reader.QueryContext(ctx, "SELECT key, value FROM own WHERE key >= ? AND key < ? ORDER BY key",
		from, from[:len(from)-1]+"0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []query.Entry
	for rows.Next() {
		var e query.Entry
		if err := rows.Scan(&e.Key, &e.Value); err != nil {
			return nil, err
		}
		e.Size, e.Value = len(e.Value), present(e.Value)
		if q.KeysOnly {
			e.Value = nil
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Batch collects writes; Commit makes them in one transaction.
func (o own) Batch(context.Context) (datastore.Batch, error) {
	return &ownBatch{db: o.db, puts: map[string][]byte{}}, nil
}

type ownBatch struct {
	db   *DB
	puts map[string][]byte // nil deletes
}

func (b *ownBatch) Put(_ context.Context, key datastore.Key, value []byte) error {
	b.puts[key.String()] = present(value)
	return nil
}

func (b *ownBatch) Delete(_ context.Context, key datastore.Key) error {
	b.puts[key.String()] = nil
	return nil
}

func (b *ownBatch) Commit(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	err := b.db.inTx(ctx, func(tx *sql.Tx) error {
		for key, value := range b.puts {
			var err error
			if value == nil {
				_, err = tx.ExecContext(ctx, "DELETE FROM own WHERE key = ?", key)
			} else {
				_, err = tx.ExecContext(ctx, putOwn, key, value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store the node's announcements: %w", err)
	}
	clear(b.puts)
	return nil
}

// present keeps an empty value apart from none.
func present(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

func explain(verb string, key datastore.Key, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", verb, key, err)
}
