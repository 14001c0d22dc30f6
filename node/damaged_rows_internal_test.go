package node

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // spoils rows behind the store's back

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// dealsOf is a chain with these deals; nil is away.
type dealsOf map[pdx.DealID]pdx.Deal

func (d dealsOf) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	if d == nil {
		return pdx.Deal{}, pdx.ErrUnavailable
	}
	return d[id], nil
}

type aboutDeal struct{ Deal pdx.DealID }

// spoiled returns a store in which the row of each deal, and one of none, is damaged.
func spoiled(t *testing.T, table string, deals ...pdx.DealID) *store.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, home.StateSchema())
	require.NoError(t, err)
	for _, id := range deals {
		require.NoError(t, store.NewTable[aboutDeal](db, table).Put(t.Context(), id.String(), aboutDeal{id}))
	}
	require.NoError(t, db.Close())
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = raw.Exec(`UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), 'Deal', 'Dean') AS BLOB)`)
	require.NoError(t, err)
	require.NoError(t, raw.Close())
	db, err = sqlite.Open(t.Context(), path, home.StateSchema())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.Len(t, db.Damaged(), len(deals))
	return db
}

func TestDamagedRowsAreJudgedByTheirDeals(t *testing.T) {
	live, over := pdx.ContentID{1}, pdx.ContentID{2}
	db := spoiled(t, "sales", 1, 2, 3)
	var told []pdx.DealID
	ended := func(_ context.Context, _ string, d pdx.Deal) error { told = append(told, d.ID); return nil }
	away := newDamage(db, dealsOf(nil), ended, slog.New(slog.DiscardHandler))
	for _, row := range db.Damaged() {
		require.ErrorIs(t, away.judge(t.Context(), row), pdx.ErrUnavailable)
	}
	require.True(t, away.needs(over), "until the chain answers a blob stays")
	require.Len(t, away.health(t.Context()), 3)
	require.Contains(t, away.health(t.Context())[0].Message, "the chain has not answered yet whether its deal has ended")

	d := newDamage(db, dealsOf{
		1: {ID: 1, State: pdx.DealFinal, Dataset: pdx.Dataset{Root: over}},
		2: {ID: 2, State: pdx.DealAcked, Dataset: pdx.Dataset{Root: live}},
		3: {ID: 3, State: pdx.DealLapsed},
	}, ended, slog.New(slog.DiscardHandler))
	for _, row := range db.Damaged() {
		require.NoError(t, d.judge(t.Context(), row))
	}
	require.Equal(t, []pdx.DealID{1, 3}, told)
	require.True(t, d.needs(live))
	require.False(t, d.needs(over))
	require.True(t, d.needsAny())
	health := d.health(t.Context())
	require.Len(t, health, 2)
	require.False(t, health[0].OK)
	require.Contains(t, health[0].Message, `row "2" of table "sales" (deal 2) is damaged`)
	require.Contains(t, health[0].Message, "the deal is acked; the seller recovers it from the chain")
	require.True(t, health[1].OK)
	require.Contains(t, health[1].Message, "2 damaged rows were set aside")
}

func TestDamageLoopSetsAside(t *testing.T) {
	db := spoiled(t, "data", 0)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := newDamage(db, dealsOf{}, func(context.Context, string, pdx.Deal) error { return nil }, slog.New(slog.DiscardHandler))
		done := make(chan struct{})
		go func() { defer close(done); d.run(ctx) }()
		synctest.Wait()
		require.Empty(t, db.Damaged())
		cancel()
		<-done
		require.Contains(t, d.health(context.Background())[0].Message, "pdx data add")
	})
}

// A blob whose claim is damaged stays for every role, and none is taken for a
// leftover: the key may be what was damaged.
func TestDamagedRefKeepsItsBlob(t *testing.T) {
	db := spoiled(t, refsTable, 0)
	kept := mem.New()
	d := newDamage(db, dealsOf{}, nil, slog.New(slog.DiscardHandler))
	share := func(role pdx.Role) blobs {
		return blobs{role: role, store: kept, refs: store.NewTable[ref](db, refsTable), damage: d}
	}
	w, err := kept.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write([]byte("a ciphertext"))
	require.NoError(t, err)
	info, err := w.Commit(t.Context())
	require.NoError(t, err)

	nothing := func(pdx.ContentID) bool { return false }
	require.ErrorIs(t, share(pdx.RoleSeller).Sweep(t.Context(), nothing), pdx.ErrUnavailable)
	require.NoError(t, d.judge(t.Context(), db.Damaged()[0]))
	require.Empty(t, db.Damaged())
	require.NoError(t, share(pdx.RoleSeller).Sweep(t.Context(), nothing))
	_, err = kept.Stat(t.Context(), info.ID)
	require.NoError(t, err)

	c, err := share(pdx.RoleBuyer).refs.Get(t.Context(), "0")
	require.NoError(t, err)
	require.Len(t, c.Roles, 3)
	require.False(t, c.Sealed)
}
