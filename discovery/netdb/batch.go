package netdb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// batchWriter changes provider records within one transaction and keeps the
// weights right. It remembers the rows and statements of its batch: most
// batches are of few peers.
type batchWriter struct {
	ctx    context.Context //nolint:containedctx // of the one transaction that a batch is
	tx     *sql.Tx
	caps   caps
	total  *int
	stmts  map[string]*sql.Stmt
	groups map[string]int64
	peers  map[peer.ID]*peerRow
}

// peerRow is a row of the table peers, but for its number of records.
type peerRow struct {
	id, group int64
	addrs     []byte
}

func newBatchWriter(ctx context.Context, tx *sql.Tx, caps caps, total *int) *batchWriter {
	return &batchWriter{
		ctx: ctx, tx: tx, caps: caps, total: total,
		stmts: map[string]*sql.Stmt{}, groups: map[string]int64{}, peers: map[peer.ID]*peerRow{},
	}
}

// add stores p and then evicts until every cap holds.
func (w *batchWriter) add(p Provider) error {
	group, err := w.group(string(groupKey(p.Group)))
	if err != nil {
		return err
	}
	from, err := w.peer(p, group)
	if err != nil {
		return err
	}
	fresh, err := w.record(p, from.id)
	if err != nil {
		return err
	}
	if fresh {
		if err := w.grow(p, from); err != nil {
			return err
		}
	}
	return w.fit(group)
}

// grow counts a new record, and evicts for the caps of its peer and its key.
func (w *batchWriter) grow(p Provider, from *peerRow) error {
	if err := w.weigh(from.group, 1); err != nil {
		return err
	}
	var records int
	if err := w.query("UPDATE peers SET records = records + 1 WHERE id = ? RETURNING records", from.id).Scan(&records); err != nil {
		return err
	}
	if records > w.caps.peer {
		if err := w.dropOldest(from.id); err != nil {
			return err
		}
	}
	return w.fitKey(p.Key)
}

// group returns the id of a group, making it if need be.
func (w *batchWriter) group(prefix string) (int64, error) {
	if id, ok := w.groups[prefix]; ok {
		return id, nil
	}
	var id int64
	err := w.query("SELECT id FROM groups WHERE prefix = ?", []byte(prefix)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = w.query("INSERT INTO groups (prefix, weight) VALUES (?, 0) RETURNING id", []byte(prefix)).Scan(&id)
	}
	w.groups[prefix] = id
	return id, err
}

// peer returns the row of an announcing peer, with its newest addresses. A peer
// that comes from another group moves there with its records.
func (w *batchWriter) peer(p Provider, group int64) (*peerRow, error) {
	row, addrs := w.peers[p.Peer], encodeAddrs(p.Addrs)
	if row == nil {
		row = &peerRow{}
		err := w.query("SELECT id, grp, addrs FROM peers WHERE peer = ?", []byte(p.Peer)).Scan(&row.id, &row.group, &row.addrs)
		if errors.Is(err, sql.ErrNoRows) {
			row.group, row.addrs = group, addrs
			err = errors.Join(
				w.query("INSERT INTO peers (peer, grp, records, addrs) VALUES (?, ?, 0, ?) RETURNING id", []byte(p.Peer), group, addrs).Scan(&row.id),
				w.weigh(group, peerWeight),
			)
		}
		if err != nil {
			return nil, err
		}
		w.peers[p.Peer] = row
	}
	if row.group == group && bytes.Equal(row.addrs, addrs) {
		return row, nil
	}
	return row, w.change(row, group, addrs)
}

// change gives a peer other addresses and, perhaps, another group.
func (w *batchWriter) change(row *peerRow, group int64, addrs []byte) error {
	var records int64
	if err := w.query("UPDATE peers SET grp = ?, addrs = ? WHERE id = ? RETURNING records", group, addrs, row.id).Scan(&records); err != nil {
		return err
	}
	old := row.group
	row.group, row.addrs = group, addrs
	if old == group {
		return nil
	}
	return errors.Join(w.weigh(group, peerWeight+records), w.weigh(old, -peerWeight-records))
}

// record renews a record, or adds it and reports that.
func (w *batchWriter) record(p Provider, from int64) (fresh bool, err error) {
	n, err := w.exec("INSERT OR IGNORE INTO records (key, peer, expires) VALUES (?, ?, ?)", p.Key, from, p.Expires.Unix())
	if err != nil || n > 0 {
		return n > 0, err
	}
	_, err = w.exec("UPDATE records SET expires = ? WHERE key = ? AND peer = ?", p.Expires.Unix(), p.Key, from)
	return false, err
}

// weigh changes the weight of a group; an empty group is removed.
func (w *batchWriter) weigh(group, change int64) error {
	*w.total += int(change)
	var weight int64
	row := w.query("UPDATE groups SET weight = weight + ? WHERE id = ? RETURNING weight", change, group)
	if err := row.Scan(&weight); err != nil || weight > 0 {
		return err
	}
	clear(w.groups)
	_, err := w.exec("DELETE FROM groups WHERE id = ?", group)
	return err
}

// expire removes the records that ended before now, some at a time.
func (w *batchWriter) expire(now time.Time) error {
	return w.dropAll("SELECT id, peer FROM records WHERE expires <= ? ORDER BY expires LIMIT ?", now.Unix(), expireBatch)
}

func (w *batchWriter) query(text string, args ...any) scanner {
	stmt, err := w.stmt(text)
	if err != nil {
		return failed{err}
	}
	return stmt.QueryRowContext(w.ctx, args...)
}

func (w *batchWriter) exec(text string, args ...any) (changed int64, err error) {
	stmt, err := w.stmt(text)
	if err != nil {
		return 0, err
	}
	done, err := stmt.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// stmt prepares a statement once; the transaction's end closes it.
func (w *batchWriter) stmt(text string) (*sql.Stmt, error) {
	if known := w.stmts[text]; known != nil {
		return known, nil
	}
	stmt, err := w.tx.PrepareContext(w.ctx, text)
	w.stmts[text] = stmt
	return stmt, err
}

type scanner interface{ Scan(...any) error }

type failed struct{ error }

func (f failed) Scan(...any) error { return f.error }
