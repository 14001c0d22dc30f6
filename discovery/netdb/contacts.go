package netdb

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/peer"
)

// A Contact is a peer to dial after a restart.
type Contact struct {
	peer.AddrInfo
	Group netip.Prefix // address group of an address under which the peer was seen
	// Proven says that the peer has proven its account (discovery/identity). Proven
	// contacts are kept longer than others.
	Proven bool
}

// Remember stores contacts as seen now and replaces what was stored of them, except
// that a proven contact stays proven. Beyond the limits (8 of an address group, 512 in
// all), unproven contacts are removed first, then those that were seen longest ago. A
// contact is removed 30 days after it was last seen.
func (db *DB) Remember(ctx context.Context, contacts ...Contact) error {
	now := db.now()
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE seen < ?", now.Add(-contactLife).Unix()); err != nil {
			return err
		}
		for _, c := range contacts {
			if err := db.remember(ctx, tx, c, now.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember peers: %w", err)
	}
	return nil
}

// remember stores one contact. The counts read at most the caps plus one.
func (db *DB) remember(ctx context.Context, tx *sql.Tx, c Contact, now int64) error {
	addrs, group := encodeAddrs(c.Addrs), groupKey(c.Group)
	if group == nil {
		group = []byte{}
	}
	if len(addrs) == 0 || c.ID == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO contacts (peer, grp, proven, seen, addrs) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET grp = excluded.grp, proven = max(proven, excluded.proven), seen = excluded.seen, addrs = excluded.addrs`,
		[]byte(c.ID), group, c.Proven, now, addrs); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM contacts WHERE (SELECT count(*) FROM contacts WHERE grp = ?1) > ?2
		AND peer = (SELECT peer FROM contacts WHERE grp = ?1 ORDER BY proven, seen LIMIT 1)`, group, db.caps.groupContacts); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM contacts WHERE (SELECT count(*) FROM contacts) > ?
		AND peer = (SELECT peer FROM contacts ORDER BY proven, seen LIMIT 1)`, db.caps.contacts)
	return err
}

// Contacts returns up to n stored contacts, chosen at random. Half of them are proven
// ones if there are enough.
func (db *DB) Contacts(ctx context.Context, n int) ([]peer.AddrInfo, error) {
	rows, err := db.reader.QueryContext(ctx, `SELECT peer, addrs FROM (
		SELECT peer, addrs, row_number() OVER (PARTITION BY proven ORDER BY random()) AS place FROM contacts
		) ORDER BY place LIMIT ?`, n)
	if err != nil {
		return nil, fmt.Errorf("read remembered peers: %w", err)
	}
	defer rows.Close()
	var infos []peer.AddrInfo
	for rows.Next() {
		var raw, packed []byte
		if err := rows.Scan(&raw, &packed); err != nil {
			return nil, fmt.Errorf("read remembered peers: %w", err)
		}
		if info, err := contactOf(raw, packed); err == nil { // a damaged row is as good as none
			infos = append(infos, info)
		}
	}
	return infos, rows.Err()
}

func contactOf(raw, packed []byte) (info peer.AddrInfo, err error) {
	if info.ID, err = peer.IDFromBytes(raw); err != nil {
		return info, err
	}
	info.Addrs, err = decodeAddrs(packed)
	return info, err
}
