package netdb_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/netdb"
)

func TestRecordsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "network.db")
	db := open(t, path)
	fresh := record(1, 0, 0, 0)
	fresh.Expires = time.Now().Add(time.Hour)
	require.NoError(t, db.AddProvider(t.Context(), fresh))
	require.NoError(t, db.Close())

	db = open(t, path)
	defer db.Close()
	require.Equal(t, []peer.ID{peers[0]}, announcers(t, db, 1))
	addrs, err := db.Addrs(t.Context(), peers[0])
	require.NoError(t, err)
	require.Equal(t, fresh.Addrs, addrs)
	audit, err := db.Audit(t.Context())
	require.NoError(t, err)
	require.Equal(t, netdb.PeerWeight+1, audit.Total)
}

func TestCaps(t *testing.T) {
	for name, c := range map[string]struct {
		peer, group, all, key int
		add                   []netdb.Provider
		kept, gone            []netdb.Provider
	}{
		"a peer loses its oldest": {
			peer: 2, group: 1000, all: 1000, key: 10,
			add:  []netdb.Provider{record(1, 0, 0, 0), record(2, 0, 0, 1), record(9, 1, 0, 0), record(3, 0, 0, 2)},
			kept: []netdb.Provider{record(2, 0, 0, 1), record(3, 0, 0, 2), record(9, 1, 0, 0)}, gone: []netdb.Provider{record(1, 0, 0, 0)},
		},
		"renewing makes a record young": {
			peer: 2, group: 1000, all: 1000, key: 10,
			add:  []netdb.Provider{record(1, 0, 0, 0), record(2, 0, 0, 1), record(1, 0, 0, 2), record(3, 0, 0, 3)},
			kept: []netdb.Provider{record(1, 0, 0, 2), record(3, 0, 0, 3)}, gone: []netdb.Provider{record(2, 0, 0, 1)},
		},
		"a group loses from its largest peer": {
			peer: 10, group: 2*netdb.PeerWeight + 4, all: 1000, key: 10,
			add: []netdb.Provider{
				record(9, 1, 0, 0), record(1, 0, 0, 1), record(2, 0, 0, 2), record(3, 0, 0, 3), record(4, 0, 0, 4), record(8, 2, 1, 0),
			},
			kept: []netdb.Provider{record(9, 1, 0, 0), record(2, 0, 0, 2), record(8, 2, 1, 0)}, gone: []netdb.Provider{record(1, 0, 0, 1)},
		},
		"the whole loses from its heaviest group": {
			peer: 10, group: 1000, all: 3*netdb.PeerWeight + 4, key: 10,
			add: []netdb.Provider{
				record(9, 1, 0, 0), record(1, 0, 1, 1), record(2, 0, 1, 2), record(3, 2, 1, 3), record(4, 2, 1, 4),
			},
			kept: []netdb.Provider{record(9, 1, 0, 0)}, gone: nil,
		},
		"a key loses from the group with most of its peers": {
			peer: 10, group: 1000, all: 1000, key: 3,
			add:  []netdb.Provider{record(1, 0, 0, 0), record(1, 1, 1, 1), record(1, 2, 1, 2), record(1, 3, 1, 3)},
			kept: []netdb.Provider{record(1, 0, 0, 0), record(1, 2, 1, 2), record(1, 3, 1, 3)}, gone: []netdb.Provider{record(1, 1, 1, 1)},
		},
		"a peer takes its weight to another group": {
			peer: 10, group: netdb.PeerWeight + 3, all: 1000, key: 10,
			add:  []netdb.Provider{record(9, 1, 1, 0), record(1, 0, 0, 1), record(2, 0, 0, 2), record(3, 0, 1, 3)},
			kept: nil, gone: nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := newDB(t)
			db.SetCaps(c.peer, c.group, c.all, c.key)
			for _, p := range c.add {
				db.StoreNow(p)
			}
			for _, p := range c.kept {
				require.True(t, has(t, db, p), "%x of %s is gone", p.Key[2:4], p.Peer)
			}
			for _, p := range c.gone {
				require.False(t, has(t, db, p), "%x of %s is kept", p.Key[2:4], p.Peer)
			}
			holds(t, db, c.peer, c.group, c.all, c.key)
		})
	}
}

func has(t testing.TB, db *netdb.DB, p netdb.Provider) bool {
	t.Helper()
	found, err := db.Providers(t.Context(), p.Key)
	require.NoError(t, err)
	for _, f := range found {
		if f.Peer == p.Peer {
			return true
		}
	}
	return false
}

// holds checks the caps and that every weight is what the rows say.
func holds(t require.TestingT, db *netdb.DB, peer, group, all, key int) {
	a, err := db.Audit(context.Background())
	require.NoError(t, err)
	require.Zero(t, a.WrongGroups)
	require.Zero(t, a.WrongPeers)
	require.Equal(t, a.Rows, a.Weights)
	require.Equal(t, a.Rows, a.Total)
	require.LessOrEqual(t, a.MaxPeer, peer)
	require.LessOrEqual(t, a.MaxGroup, group)
	require.LessOrEqual(t, a.Total, all)
	require.LessOrEqual(t, a.MaxKey, key)
}

// However strangers announce, no cap is ever exceeded, and a group that weighs
// no more than its share of the whole keeps every record: the others evict
// each other.
func TestFloodsEvictThemselves(t *testing.T) {
	const honest, groups, peerCap, groupCap, keyCap = 3, 4, 4, 24, 3
	const allCap = groups * (netdb.PeerWeight + honest)
	rapid.Check(t, func(rt *rapid.T) {
		db, err := netdb.OpenMemory(context.Background(), discard)
		require.NoError(rt, err)
		defer db.Close()
		db.SetNow(func() time.Time { return start })
		db.SetCaps(peerCap, groupCap, allCap, keyCap)
		var own []netdb.Provider
		for k := range honest {
			own = append(own, record(1000+k, 0, 0, 0))
		}
		db.StoreNow(own...)
		for range rapid.IntRange(1, 3).Draw(rt, "batches") {
			var batch []netdb.Provider
			for range rapid.IntRange(1, 8).Draw(rt, "size") {
				batch = append(batch, record(
					rapid.IntRange(0, 6).Draw(rt, "key"), rapid.IntRange(1, 8).Draw(rt, "peer"),
					rapid.IntRange(1, groups-1).Draw(rt, "group"), rapid.IntRange(1, 100).Draw(rt, "age")))
			}
			db.StoreNow(batch...)
			holds(rt, db, peerCap, groupCap, allCap, keyCap)
		}
		for _, p := range own {
			require.True(rt, has(t, db, p))
		}
	})
}

func TestExpiredRecordsGo(t *testing.T) {
	db := newDB(t)
	now := start
	db.SetNow(func() time.Time { return now })
	db.StoreNow(record(1, 0, 0, 0), record(2, 0, 0, 60))
	now = start.Add(time.Hour)
	require.Empty(t, announcers(t, db, 1)) // before it is removed
	db.StoreNow()
	require.Equal(t, []peer.ID{peers[0]}, announcers(t, db, 2))
	audit, err := db.Audit(t.Context())
	require.NoError(t, err)
	require.Equal(t, netdb.PeerWeight+1, audit.Rows)

	now = now.Add(time.Hour)
	db.StoreNow()
	audit, err = db.Audit(t.Context())
	require.NoError(t, err)
	require.Zero(t, audit.Rows)
}

// One address with many peers does not crowd the others out of an answer.
func TestAnswersSpreadOverGroups(t *testing.T) {
	db := newDB(t)
	var batch []netdb.Provider
	for i := range 2 * netdb.MaxServed {
		r := record(1, 0, 1, i)
		r.Peer = peer.ID(string(peers[0][:len(peers[0])-2]) + string([]byte{byte(i >> 8), byte(i)}))
		batch = append(batch, r)
	}
	db.StoreNow(append(batch, record(1, 1, 2, 0), record(1, 2, 3, 0))...)
	found := announcers(t, db, 1)
	require.Len(t, found, netdb.MaxServed)
	require.Contains(t, found, peers[1])
	require.Contains(t, found, peers[2])
}

func TestWrongRecordsAreRefused(t *testing.T) {
	db := newDB(t)
	for _, p := range []netdb.Provider{{Peer: peers[0]}, {Key: key(1)}, {Key: make([]byte, 81), Peer: peers[0]}} {
		require.ErrorIs(t, db.AddProvider(t.Context(), p), pdx.ErrInvalid)
	}
}

// A peer's row is bounded however many and long addresses it announces.
func TestAddressesAreBounded(t *testing.T) {
	long := "/dns/" + string(make64('a')) + "." + string(make64('b')) + "/tcp/1"
	var many []ma.Multiaddr
	for range 40 {
		many = append(many, ma.StringCast(long))
	}
	packed := netdb.EncodeAddrs(append([]ma.Multiaddr{nil}, many...))
	require.LessOrEqual(t, len(packed), 1024)
	kept, err := netdb.DecodeAddrs(packed)
	require.NoError(t, err)
	require.NotEmpty(t, kept)
	require.LessOrEqual(t, len(kept), 16)
}

func make64(c byte) []byte {
	b := make([]byte, 60)
	for i := range b {
		b[i] = c
	}
	return b
}

func FuzzStoredRows(f *testing.F) {
	f.Add([]byte(peers[0]), netdb.EncodeAddrs([]ma.Multiaddr{ma.StringCast("/ip4/8.8.8.8/tcp/1")}))
	f.Add([]byte{}, []byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, raw, packed []byte) {
		info, err := netdb.ContactOf(raw, packed)
		if err != nil {
			return
		}
		again, err := netdb.DecodeAddrs(netdb.EncodeAddrs(info.Addrs))
		require.NoError(t, err)
		if len(info.Addrs) <= 16 {
			require.Len(t, again, len(info.Addrs))
		}
	})
}

// A database that was filled over and over is no larger than its cap allows.
func TestFileIsBounded(t *testing.T) {
	const records = 400
	path := filepath.Join(t.TempDir(), "network.db")
	db := open(t, path)
	db.SetCaps(100, 200, records, 100)
	for round := range 2 {
		for i := range records / 100 {
			var batch []netdb.Provider
			for j := range 100 {
				r := record(round*records+i*100+j, i%len(peers), i%8, 0)
				r.Expires = time.Now().Add(time.Hour)
				batch = append(batch, r)
			}
			db.StoreNow(batch...)
		}
	}
	holds(t, db, 100, 200, records, 100)
	require.NoError(t, db.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	// 190 bytes a record, and the first pages of each table and index.
	require.Less(t, info.Size(), int64(records*190+(256<<10)))
}
