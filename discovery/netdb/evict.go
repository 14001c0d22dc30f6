package netdb

import (
	"database/sql"
	"errors"
)

// fit evicts records until the group and the whole are within their caps: the oldest of the peer
// with the most records of the group, or of the heaviest group.
func (w *batchWriter) fit(group int64) error {
	for {
		var weight int
		err := w.query("SELECT weight FROM groups WHERE id = ?", group).Scan(&weight)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if weight <= w.caps.group {
			break
		}
		if err := w.dropFrom(group); err != nil {
			return err
		}
	}
	for *w.total > w.caps.all {
		var heaviest int64
		if err := w.query("SELECT id FROM groups ORDER BY weight DESC LIMIT 1").Scan(&heaviest); err != nil {
			return err
		}
		if err := w.dropFrom(heaviest); err != nil {
			return err
		}
	}
	return nil
}

// fitKey evicts one peer of a key that has too many: the oldest of the group
// with the most of them. It reads at most the cap.
func (w *batchWriter) fitKey(key []byte) error {
	var peers int
	if err := w.query("SELECT count(*) FROM records WHERE key = ?", key).Scan(&peers); err != nil || peers <= w.caps.key {
		return err
	}
	return w.dropAll(`WITH here AS (SELECT r.id, r.peer, r.expires, p.grp FROM records r JOIN peers p ON p.id = r.peer WHERE r.key = ?)
		SELECT id, peer FROM here WHERE grp = (SELECT grp FROM here GROUP BY grp ORDER BY count(*) DESC LIMIT 1) ORDER BY expires LIMIT 1`, key)
}

// dropFrom evicts the oldest record of the largest peer of a group.
func (w *batchWriter) dropFrom(group int64) error {
	var id int64
	if err := w.query("SELECT id FROM peers WHERE grp = ? ORDER BY records DESC LIMIT 1", group).Scan(&id); err != nil {
		return err
	}
	return w.dropOldest(id)
}

func (w *batchWriter) dropOldest(id int64) error {
	return w.dropAll("SELECT id, peer FROM records WHERE peer = ? ORDER BY expires LIMIT 1", id)
}

// dropAll removes the records that a query names by id and peer.
func (w *batchWriter) dropAll(query string, args ...any) error {
	victims, err := w.named(query, args...)
	if err != nil {
		return err
	}
	for _, v := range victims {
		if err := w.drop(v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}

func (w *batchWriter) named(query string, args ...any) (pairs [][2]int64, err error) {
	stmt, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(w.ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v [2]int64
		if err := rows.Scan(&v[0], &v[1]); err != nil {
			return nil, err
		}
		pairs = append(pairs, v)
	}
	return pairs, rows.Err()
}

// drop removes one record; its peer goes with the last one.
func (w *batchWriter) drop(record, from int64) error {
	if _, err := w.exec("DELETE FROM records WHERE id = ?", record); err != nil {
		return err
	}
	var group, left int64
	if err := w.query("UPDATE peers SET records = records - 1 WHERE id = ? RETURNING grp, records", from).Scan(&group, &left); err != nil {
		return err
	}
	if left > 0 {
		return w.weigh(group, -1)
	}
	clear(w.peers)
	if _, err := w.exec("DELETE FROM peers WHERE id = ?", from); err != nil {
		return err
	}
	return w.weigh(group, -1-peerWeight)
}
