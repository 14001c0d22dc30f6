package netdb

import (
	"context"
	"time"
)

// Limits of a database, small enough to be reached in tests.
func (db *DB) SetCaps(peer, group, all, key int) {
	db.idle()
	db.caps.peer, db.caps.group, db.caps.all, db.caps.key = peer, group, all, key
}

// SetNow makes the database take the time from now.
func (db *DB) SetNow(now func() time.Time) {
	db.idle()
	db.now = now
}

// StoreNow writes a batch as the writing goroutine does, and in its place.
func (db *DB) StoreNow(batch ...Provider) {
	db.idle()
	db.store(batch)
}

// idle ends the writing goroutine, which would else write at each tick.
func (db *DB) idle() {
	db.cancel()
	db.wg.Wait()
}

// Audit compares the weights that are kept with the rows, and returns them with
// the largest number of peers under one key and of records of one peer.
func (db *DB) Audit(ctx context.Context) (a Audit, err error) {
	a.Total = db.total
	err = db.writer.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(sum(weight), 0) FROM groups),
		(SELECT count(*) FROM records) + ? * (SELECT count(*) FROM peers),
		(SELECT count(*) FROM groups g WHERE weight <> (SELECT coalesce(sum(? + records), 0) FROM peers WHERE grp = g.id) OR weight <= 0),
		(SELECT count(*) FROM peers p WHERE records <> (SELECT count(*) FROM records WHERE peer = p.id) OR records = 0),
		(SELECT coalesce(max(weight), 0) FROM groups),
		(SELECT coalesce(max(records), 0) FROM peers),
		(SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM records GROUP BY key))`, peerWeight, peerWeight).
		Scan(&a.Weights, &a.Rows, &a.WrongGroups, &a.WrongPeers, &a.MaxGroup, &a.MaxPeer, &a.MaxKey)
	return a, err
}

type Audit struct{ Total, Weights, Rows, WrongGroups, WrongPeers, MaxGroup, MaxPeer, MaxKey int }

const (
	PeerWeight       = peerWeight
	MaxServed        = maxServed
	MaxContacts      = maxContacts
	MaxGroupContacts = maxGroupContacts
	MaxWeight        = maxWeight
	ContactLife      = contactLife
)

var (
	EncodeAddrs = encodeAddrs
	DecodeAddrs = decodeAddrs
	ContactOf   = contactOf
)
