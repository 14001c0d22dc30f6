package presence

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/node/home"
)

// What an earlier run announced is withdrawn when it is no longer wanted, and
// stays announced when it is.
func TestPresenceResumesAnEarlierRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), home.NetworkFile)
	run := func(announce func(*discovery.Discovery)) {
		store, err := netdb.Open(t.Context(), path, slog.Default())
		require.NoError(t, err)
		h, err := libp2p.New(libp2p.NoListenAddrs)
		require.NoError(t, err)
		d, err := discovery.New(h, discovery.Options{ChainID: "pdx-test-1", Store: store})
		require.NoError(t, err)
		announce(d)
		require.NoError(t, h.Close())
		require.NoError(t, store.Close())
	}
	ended, goesOn := pdx.ContentID{1}, pdx.ContentID{2}
	run(func(d *discovery.Discovery) {
		require.NoError(t, d.Announce(t.Context(), 1, pdx.RoleSeller))
		require.NoError(t, d.Announce(t.Context(), 2, pdx.RoleSeller))
		require.NoError(t, d.AnnounceContent(t.Context(), ended))
		require.NoError(t, d.AnnounceContent(t.Context(), goesOn))
	})
	run(func(d *discovery.Discovery) {
		p := New(Config{Discovery: d, Log: slog.Default()})
		p.resume(t.Context())
		p.announce(t.Context(), map[membership]bool{{2, pdx.RoleSeller}: true})
		p.announceBlobs(t.Context(), map[pdx.ContentID]bool{goesOn: true})
		all, err := d.Announced(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, []discovery.Announcement{{Pool: 2, Role: pdx.RoleSeller}, {Content: goesOn}}, all)
	})
}

// manyPools has closed pools of this account, and open ones of others that it validates for.
type manyPools struct{ closed, open, strangers, reads int }

func (m *manyPools) Pools(_ context.Context, f pdx.PoolFilter) (page []pdx.Pool, next string, err error) {
	m.reads++
	var all []pdx.Pool
	for i := range m.closed {
		all = append(all, pdx.Pool{ID: pdx.PoolID(i + 1), Buyer: "me", Status: pdx.PoolClosed})
	}
	for i := range m.strangers {
		all = append(all, pdx.Pool{ID: pdx.PoolID(100_000 + i), Buyer: "somebody", Status: pdx.PoolOpen})
	}
	for i := range m.open {
		all = append(all, pdx.Pool{ID: pdx.PoolID(200_000 + i), Buyer: "somebody", Status: pdx.PoolOpen, Validators: []pdx.Address{"me"}})
	}
	all = append(all, pdx.Pool{ID: 300_000, Buyer: "me", Status: pdx.PoolOpen})
	all = slices.DeleteFunc(all, func(p pdx.Pool) bool {
		return f.Buyer != "" && p.Buyer != f.Buyer || f.Status != "" && p.Status != f.Status
	})
	if f.Reverse {
		slices.Reverse(all)
	}
	from := 0
	_, _ = fmt.Sscan(f.Cursor, &from)
	to := min(from+100, len(all))
	if to < len(all) {
		next = fmt.Sprint(to)
	}
	return all[from:to], next, nil
}

// Own open pools come first, closed ones are not read, and neither those nor strangers'
// pools hide the ones that count.
func TestPresenceReadsOpenPoolsOnly(t *testing.T) {
	chain := &manyPools{closed: 1000, open: 3, strangers: 2000}
	p := New(Config{Account: "me", Plays: func(pdx.Role) bool { return true }, Chain: chain, Log: slog.Default()})
	pools, err := p.pools(t.Context())
	require.NoError(t, err)
	var ids []pdx.PoolID
	for _, pool := range pools {
		ids = append(ids, pool.ID)
	}
	require.Equal(t, []pdx.PoolID{300_000, 200_002, 200_001, 200_000}, ids)
}

// News of pools have them read again, but not more often than every 10 s.
func TestPresenceReadsNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := &manyPools{open: 3}
		p := New(Config{Account: "me", Plays: func(pdx.Role) bool { return true }, Chain: chain, Log: slog.Default()})
		reads := func() int {
			chain.reads = 0
			_, err := p.openPools(t.Context())
			require.NoError(t, err)
			return chain.reads
		}
		require.Equal(t, 2, reads())
		for range 100 {
			p.Wake(pdx.Event{Kind: "EventDealState", Pool: 7, Deal: 9, State: "offered"})
		}
		require.False(t, p.poolNews.Load(), "deals of strangers are no news")
		p.Wake(pdx.Event{Kind: "EventPoolCreated", Pool: 7})
		require.Zero(t, reads())
		time.Sleep(poolsPause)
		require.Equal(t, 2, reads())
		time.Sleep(poolsPause)
		require.Zero(t, reads(), "nothing new")
		time.Sleep(presenceTick)
		require.Equal(t, 2, reads(), "now and then, in case an event was missed")
	})
}

// Each list is bounded, and what was added first stays.
func TestPresenceIsBounded(t *testing.T) {
	w := wanted{memberships: map[membership]bool{}, roots: map[pdx.ContentID]bool{}}
	for i := range 2 * maxPresence {
		w.member(pdx.PoolID(i+1), pdx.RoleBuyer)
		w.serve(pdx.ContentID{byte(i), byte(i >> 8)})
	}
	require.Len(t, w.memberships, maxPresence)
	require.Len(t, w.roots, maxPresence)
	require.Equal(t, pdx.PoolID(1), w.pools[0])
	require.Len(t, w.pools, maxPresence)
}
