package plain

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/flat"
)

// origin is where a record came from.
type origin struct {
	deal   pdx.DealID
	record uint64
}

// index knows the unique keys of all records that were kept. It is a database without a
// journal: it is worth nothing when this process has ended.
type index struct {
	db   *sql.DB
	tx   *sql.Tx
	find *sql.Stmt
	put  *sql.Stmt
	key  [1 + len(flat.Digest{})]byte
}

// The memory that the index takes, 64 MiB, holds the pages of some million keys; more go
// to the disk.
const indexPragmas = "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=locking_mode(exclusive)&_pragma=cache_size(-65536)"

func newIndex(ctx context.Context, path string) (_ *index, err error) {
	name := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: indexPragmas}
	x := &index{}
	if x.db, err = sql.Open("sqlite", name.String()); err != nil {
		return nil, err
	}
	x.db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			x.close()
		}
	}()
	_, err = x.db.ExecContext(ctx, "CREATE TABLE keys (key BLOB PRIMARY KEY, content BLOB, deal INTEGER, record INTEGER) WITHOUT ROWID")
	if err != nil {
		return nil, err
	}
	if x.tx, err = x.db.BeginTx(ctx, nil); err != nil {
		return nil, err
	}
	if x.find, err = x.tx.PrepareContext(ctx, "SELECT content, deal, record FROM keys WHERE key = ?"); err != nil {
		return nil, err
	}
	x.put, err = x.tx.PrepareContext(ctx, "INSERT INTO keys VALUES (?, ?, ?, ?)")
	return x, err
}

func (x *index) close() {
	if x.tx != nil {
		_ = x.tx.Rollback()
	}
	_ = x.db.Close()
}

// fate is what becomes of a record in a merge.
type fate uint8

const (
	fresh fate = iota
	duplicate
	conflict
)

// take decides on a record and remembers its keys if it is kept. before is the record of the
// same key that was kept, and key is that key's number.
func (x *index) take(ctx context.Context, row flat.Row, from origin) (f fate, key uint8, before origin, err error) {
	for _, k := range row.Keys {
		var content []byte
		err := x.find.QueryRowContext(ctx, x.bytes(k)).Scan(&content, &before.deal, &before.record)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return fresh, 0, origin{}, err
		case string(content) != string(row.Content[:]):
			return conflict, k.Number, before, nil
		}
		f, key = duplicate, k.Number
	}
	if f == duplicate {
		return f, key, before, nil
	}
	for _, k := range row.Keys {
		if _, err := x.put.ExecContext(ctx, x.bytes(k), row.Content[:], int64(from.deal), int64(from.record)); err != nil {
			return fresh, 0, origin{}, err
		}
	}
	return fresh, 0, origin{}, nil
}

// bytes are valid until the next call.
func (x *index) bytes(k flat.Key) []byte {
	x.key[0] = k.Number
	copy(x.key[1:], k.Digest[:])
	return x.key[:]
}
