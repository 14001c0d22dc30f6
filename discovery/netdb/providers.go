package netdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/addrgroup"
)

// A Provider is a record that a peer announced a key, until it expires.
type Provider struct {
	Key     []byte
	Peer    peer.ID
	Group   netip.Prefix // address group of the connection on which it was announced
	Addrs   []ma.Multiaddr
	Expires time.Time
}

// AddProvider queues a record, which replaces an older one of the same key and peer. It
// waits while the queue is full, and returns before the record is written.
func (db *DB) AddProvider(ctx context.Context, p Provider) error {
	if len(p.Key) == 0 || len(p.Key) > maxKey || p.Peer == "" {
		return fmt.Errorf("%w: provider record: key of %d bytes", pdx.ErrInvalid, len(p.Key))
	}
	select {
	case db.queue <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write stores queued records until ctx ends, all that wait in one transaction.
func (db *DB) write(ctx context.Context) {
	tick := time.NewTicker(expireTick)
	defer tick.Stop()
	for {
		select {
		case p := <-db.queue:
			db.store(append(db.waiting(), p))
		case <-tick.C:
			db.store(nil)
		case <-ctx.Done():
			db.store(db.waiting())
			return
		}
	}
}

// waiting takes the records that wait in the queue, up to its length.
func (db *DB) waiting() []Provider {
	var batch []Provider
	for len(batch) < queueLen {
		select {
		case p := <-db.queue:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// store writes a batch and removes expired records. A batch that fails is
// lost; its peers will announce it again.
func (db *DB) store(batch []Provider) {
	ctx, total := context.Background(), db.total
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		w := newBatchWriter(ctx, tx, db.caps, &total)
		if err := w.expire(db.now()); err != nil {
			return err
		}
		for _, p := range batch {
			if err := w.add(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		db.total = total
		return
	}
	if now := db.now(); now.Sub(db.logged) >= expireTick {
		db.logged = now
		db.complain(err, len(batch))
	}
}

func (db *DB) complain(err error, records int) {
	switch {
	case errors.Is(unusable(err), errUnusable):
		db.log.Error("network database is damaged: restart the node to have it made anew", slog.Any("error", err))
	default:
		db.log.Warn("provider records not stored", slog.Int("records", records), slog.Any("error", err))
	}
}

// Providers returns at most 64 records of key that have not expired. If there are more,
// each address group has one in the result before any has two.
func (db *DB) Providers(ctx context.Context, key []byte) ([]Provider, error) {
	rows, err := db.reader.QueryContext(ctx, `SELECT p.peer, p.grp, r.expires FROM records r JOIN peers p ON p.id = r.peer
		WHERE r.key = ? LIMIT ?`, key, db.caps.key)
	if err != nil {
		return nil, fmt.Errorf("read providers: %w", err)
	}
	defer rows.Close()
	now := db.now()
	var all []grouped
	for rows.Next() {
		var raw []byte
		var group, expires int64
		if err := rows.Scan(&raw, &group, &expires); err != nil {
			return nil, fmt.Errorf("read providers: %w", err)
		}
		id, err := peer.IDFromBytes(raw)
		if at := time.Unix(expires, 0); err == nil && at.After(now) {
			all = append(all, grouped{Provider{Key: key, Peer: id, Expires: at}, group})
		}
	}
	some := addrgroup.Spread(all, func(p grouped) int64 { return p.group }, maxServed)
	providers := make([]Provider, len(some))
	for i, p := range some {
		providers[i] = p.Provider
	}
	return providers, rows.Err()
}

// grouped is a record and the number of its address group.
type grouped struct {
	Provider
	group int64
}

// Addrs returns the addresses that a peer announced with its records.
func (db *DB) Addrs(ctx context.Context, id peer.ID) ([]ma.Multiaddr, error) {
	var packed []byte
	err := db.reader.QueryRowContext(ctx, "SELECT addrs FROM peers WHERE peer = ?", []byte(id)).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read addresses of %s: %w", id, err)
	}
	return decodeAddrs(packed)
}

// Records counts the stored provider records, which is slow. Do not call it to answer
// peers.
func (db *DB) Records(ctx context.Context) (n int, err error) {
	err = db.reader.QueryRowContext(ctx, "SELECT coalesce(sum(records), 0) FROM peers").Scan(&n)
	return n, err
}
