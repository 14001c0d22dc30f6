package netdb_test

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/test"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx/discovery/netdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, path string) *netdb.DB {
	t.Helper()
	db, err := netdb.Open(t.Context(), path, slog.Default())
	require.NoError(t, err)
	return db
}

func newDB(t testing.TB) *netdb.DB {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "network ?%#.db"))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetNow(func() time.Time { return start })
	return db
}

// peers are made once: keys are slow to make.
var peers = func() (ids []peer.ID) {
	for range 40 {
		id, err := test.RandPeerID()
		if err != nil {
			panic(err)
		}
		ids = append(ids, id)
	}
	return ids
}()

func group(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{8, 8, byte(n >> 8), byte(n)}), 32)
}

func key(n int) []byte {
	sum := sha256.Sum256([]byte(fmt.Sprint(n)))
	return append([]byte{0x12, 0x20}, sum[:]...)
}

// record of a key by a peer in a group, announced at start + age seconds.
func record(k, p, g, age int) netdb.Provider {
	return netdb.Provider{
		Key: key(k), Peer: peers[p], Group: group(g), Expires: start.Add(time.Hour + time.Duration(age)*time.Second),
		Addrs: []ma.Multiaddr{ma.StringCast(fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", p+1))},
	}
}

// announcers of a key.
func announcers(t testing.TB, db *netdb.DB, k int) []peer.ID {
	t.Helper()
	found, err := db.Providers(t.Context(), key(k))
	require.NoError(t, err)
	var ids []peer.ID
	for _, p := range found {
		ids = append(ids, p.Peer)
	}
	return ids
}
