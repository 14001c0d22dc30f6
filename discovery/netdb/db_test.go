package netdb_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/discovery/netdb"
)

var discard = slog.New(slog.DiscardHandler)

func TestDamagedFileIsSetAside(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, string){
		"no database":     func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("x"), 8192)) },
		"zeroed page":     func(t *testing.T, path string) { overwrite(t, path, 4096, make([]byte, 4096)) },
		"truncated":       func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 5000)) },
		"another version": func(t *testing.T, path string) { overwrite(t, path, 60, []byte{0, 0, 0, 99}) }, // user_version
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "network.db")
			db := open(t, path)
			r := record(1, 0, 0, 0)
			r.Expires = time.Now().Add(time.Hour)
			require.NoError(t, db.AddProvider(t.Context(), r))
			require.NoError(t, db.Close())
			spoil(t, path)

			var log bytes.Buffer
			db, err := netdb.Open(t.Context(), path, slog.New(slog.NewTextHandler(&log, nil)))
			require.NoError(t, err)
			require.Contains(t, log.String(), "set aside")
			require.FileExists(t, path+".damaged")
			require.Empty(t, announcers(t, db, 1))
			require.NoError(t, db.AddProvider(t.Context(), r))
			require.NoError(t, db.Close())

			db = open(t, path) // and it is a good one
			require.NotEmpty(t, announcers(t, db, 1))
			require.NoError(t, db.Close())
		})
	}
}

func write(t *testing.T, path string, body []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, body, 0o600))
}

func overwrite(t *testing.T, path string, at int64, body []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = f.WriteAt(body, at)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "network.db"))
	defer db.Close()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
	}
}

func TestDatastore(t *testing.T) {
	ds, ctx := newDB(t).Datastore(), t.Context()
	a, ab, b := datastore.NewKey("/x/a"), datastore.NewKey("/x/a/b"), datastore.NewKey("/x0")
	_, err := ds.Get(ctx, a)
	require.ErrorIs(t, err, datastore.ErrNotFound)
	require.NoError(t, ds.Put(ctx, a, nil))
	require.NoError(t, ds.Put(ctx, a, []byte("old")))
	batch, err := ds.Batch(ctx)
	require.NoError(t, err)
	require.NoError(t, batch.Put(ctx, a, []byte("new")))
	require.NoError(t, batch.Put(ctx, ab, nil))
	require.NoError(t, batch.Put(ctx, b, []byte("b")))
	require.NoError(t, batch.Commit(ctx))

	value, err := ds.Get(ctx, a)
	require.NoError(t, err)
	require.Equal(t, "new", string(value))
	has, err := ds.Has(ctx, ab)
	require.NoError(t, err)
	require.True(t, has)
	size, err := ds.GetSize(ctx, b)
	require.NoError(t, err)
	require.Equal(t, 1, size)

	require.Equal(t, []string{"/x/a", "/x/a/b"}, keysBelow(t, ds, "/x"))
	require.Equal(t, []string{"/x/a/b"}, keysBelow(t, ds, "/x/a"))
	require.Equal(t, []string{"/x/a", "/x/a/b", "/x0"}, keysBelow(t, ds, ""))

	batch, err = ds.Batch(ctx)
	require.NoError(t, err)
	require.NoError(t, batch.Delete(ctx, a))
	require.NoError(t, batch.Commit(ctx))
	require.NoError(t, ds.Delete(ctx, b))
	require.NoError(t, ds.Delete(ctx, b))
	require.Equal(t, []string{"/x/a/b"}, keysBelow(t, ds, "/"))
}

func keysBelow(t *testing.T, ds datastore.Datastore, prefix string) (keys []string) {
	t.Helper()
	found, err := ds.Query(t.Context(), query.Query{Prefix: prefix, KeysOnly: true, Orders: []query.Order{query.OrderByKey{}}})
	require.NoError(t, err)
	entries, err := found.Rest()
	require.NoError(t, err)
	for _, e := range entries {
		keys = append(keys, e.Key)
	}
	return keys
}

func contact(p, g int, proven bool) netdb.Contact {
	return netdb.Contact{
		AddrInfo: peer.AddrInfo{ID: peers[p], Addrs: []ma.Multiaddr{ma.StringCast("/ip4/8.8.8.8/tcp/1")}}, Group: group(g), Proven: proven,
	}
}

func TestContactsAndOwnKeysSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "network.db")
	db := open(t, path)
	want := contact(0, 0, false)
	require.NoError(t, db.Remember(t.Context(), want))
	require.NoError(t, db.Datastore().Put(t.Context(), datastore.NewKey("/own"), []byte("value")))
	require.NoError(t, db.Close())
	db = open(t, path)
	defer db.Close()
	value, err := db.Datastore().Get(t.Context(), datastore.NewKey("/own"))
	require.NoError(t, err)
	require.Equal(t, "value", string(value))
	got, err := db.Contacts(t.Context(), 8)
	require.NoError(t, err)
	require.Equal(t, []peer.AddrInfo{want.AddrInfo}, got)
}

// A crowd of one group, or of all groups, leaves proven peers and newer ones.
func TestContactsAreBounded(t *testing.T) {
	db := newDB(t)
	now := start
	db.SetNow(func() time.Time { return now })
	require.NoError(t, db.Remember(t.Context(), contact(0, 1, true)))
	for i := 1; i < len(peers); i++ {
		now = now.Add(time.Second)
		require.NoError(t, db.Remember(t.Context(), contact(i, 1, false)))
	}
	got, err := db.Contacts(t.Context(), len(peers))
	require.NoError(t, err)
	require.Len(t, got, netdb.MaxGroupContacts)
	ids := map[peer.ID]bool{}
	for _, info := range got {
		ids[info.ID] = true
	}
	require.True(t, ids[peers[0]], "the proven one")
	require.True(t, ids[peers[len(peers)-1]], "the newest")
	require.False(t, ids[peers[1]], "the oldest")

	var crowd []netdb.Contact
	for i := range 2 * netdb.MaxContacts {
		c := contact(2, 10+i, false)
		c.ID = peer.ID(string(peers[0][:len(peers[0])-2]) + string([]byte{byte(i >> 8), byte(i)}))
		crowd = append(crowd, c)
	}
	require.NoError(t, db.Remember(t.Context(), crowd...))
	got, err = db.Contacts(t.Context(), 3*netdb.MaxContacts)
	require.NoError(t, err)
	require.Len(t, got, netdb.MaxContacts)

	some, err := db.Contacts(t.Context(), 8)
	require.NoError(t, err)
	require.Len(t, some, 8)
	require.Equal(t, peers[0], firstOf(some, peers[0]), "the proven one is among few, too")

	now = now.Add(netdb.ContactLife + time.Second)
	require.NoError(t, db.Remember(t.Context(), contact(5, 5, false)))
	got, err = db.Contacts(t.Context(), 8)
	require.NoError(t, err)
	require.Len(t, got, 1)
}

func firstOf(infos []peer.AddrInfo, id peer.ID) peer.ID {
	for _, info := range infos {
		if info.ID == id {
			return id
		}
	}
	return ""
}
