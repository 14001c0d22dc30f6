package validator

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// shaky is a vault in memory of which any call can fail, a write before or after
// it reached the disk.
type shaky struct {
	rows  map[string]Record
	scans int
	fail  func(op string) (before, after bool)
}

var errShaky = errors.New("input/output error")

func (v *shaky) write(op string, do func()) error {
	before, after := v.fail(op)
	if before {
		return errShaky
	}
	do()
	if after {
		return errShaky
	}
	return nil
}

func (v *shaky) Put(_ context.Context, key string, r Record) error {
	return v.write("put", func() { v.rows[key] = r })
}

func (v *shaky) Delete(_ context.Context, key string) error {
	return v.write("delete", func() { delete(v.rows, key) })
}

func (v *shaky) Get(_ context.Context, key string) (Record, error) {
	if before, after := v.fail("get"); before || after {
		return Record{}, errShaky
	}
	r, ok := v.rows[key]
	if !ok {
		return Record{}, pdx.ErrNotFound
	}
	return r, nil
}

func (v *shaky) All(context.Context) ([]Record, error) {
	v.scans++
	if before, after := v.fail("all"); before || after {
		return nil, errShaky
	}
	return slices.Collect(maps.Values(v.rows)), nil
}

// The index says what a scan of the vault would say, whatever failed before.
func TestIndexIsLevelWithTheVault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		failing := true
		vault := &shaky{rows: map[string]Record{}}
		vault.fail = func(op string) (before, after bool) {
			return failing && rapid.IntRange(0, 5).Draw(t, op) == 0, failing && rapid.IntRange(0, 5).Draw(t, op) == 0
		}
		r := newRecords(vault)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				_ = r.delete(ctx, drawDeal(t))
			case 1:
				_ = r.settle(ctx)
			case 2:
				_ = r.putWithin(ctx, drawRecord(t), 40)
			default:
				_ = r.put(ctx, drawRecord(t))
			}
		}
		failing = false
		require.NoError(t, r.settle(ctx))
		requireLevel(t, r, slices.Collect(maps.Values(vault.rows)))
	})
}

func drawDeal(t *rapid.T) pdx.DealID { return pdx.DealID(rapid.IntRange(1, 5).Draw(t, "deal")) }

func drawRecord(t *rapid.T) Record {
	id := func(label string) pdx.ContentID {
		return pdx.ContentID{byte(rapid.IntRange(0, 3).Draw(t, label))}
	}
	record := Record{
		Deal: drawDeal(t), Buyer: pdx.Address(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "buyer")), Root: id("root"),
		Size: uint64(rapid.IntRange(0, 20).Draw(t, "size")), Documents: []pdx.ContentID{id("document"), id("document")},
		Certified: rapid.Bool().Draw(t, "certified"), Promised: rapid.Bool().Draw(t, "promised"),
	}
	if rapid.Bool().Draw(t, "checked") {
		record.Verdict = &pdx.Verdict{Accepted: rapid.Bool().Draw(t, "accepted"), Findings: []pdx.Finding{{Path: "/x"}}}
	}
	return record
}

func requireLevel(t *rapid.T, r *records, rows []Record) {
	var kept uint64
	serving := 0
	for _, row := range rows {
		if row.keeps() {
			kept += row.Size
		}
		if row.serves() {
			serving++
		}
	}
	require.Equal(t, kept, r.bytes())
	require.Len(t, r.ids(), len(rows))
	served, err := r.serving()
	require.NoError(t, err)
	require.Len(t, served, serving)
	for root := range byte(4) {
		root := pdx.ContentID{root}
		for _, who := range []pdx.Address{"a", "b", "c"} {
			may, err := r.mayPull(who, root)
			require.NoError(t, err)
			require.Equal(t, slices.ContainsFunc(rows, func(row Record) bool { return row.Root == root && row.Buyer == who && row.serves() }), may)
		}
		for deal := range pdx.DealID(6) {
			kept := slices.ContainsFunc(rows, func(row Record) bool { return row.Deal != deal && row.Root == root && row.keeps() })
			require.Equal(t, kept, r.keepsFor(deal, root))
		}
	}
	for _, row := range rows {
		only := r.documentsOf(row.Deal)
		for _, id := range row.Documents {
			others := slices.ContainsFunc(rows, func(o Record) bool { return o.Deal != row.Deal && slices.Contains(o.Documents, id) })
			require.Equal(t, !others, slices.Contains(only, id))
		}
	}
}

// What peers ask costs no read of the vault, and nothing that they say changes the
// index.
func TestPeersAreAnsweredFromMemory(t *testing.T) {
	vault := &shaky{rows: map[string]Record{}, fail: func(string) (bool, bool) { return false, false }}
	r := newRecords(vault)
	_, err := r.mayPull("a", pdx.ContentID{1})
	require.ErrorIs(t, err, pdx.ErrUnavailable, "it has not read its records")
	require.ErrorIs(t, r.putWithin(t.Context(), Record{Deal: 1}, 1), pdx.ErrUnavailable)
	require.NoError(t, r.load(t.Context()))
	for i := range 1000 {
		require.NoError(t, r.put(t.Context(), Record{Deal: pdx.DealID(i + 1), Root: pdx.ContentID{byte(i), byte(i >> 8)}, Buyer: "a"}))
	}
	vault.fail = func(op string) (bool, bool) { t.Errorf("the vault was asked: %s", op); return true, true }
	for i := range 5000 {
		may, err := r.mayPull("b", pdx.ContentID{byte(i), byte(i >> 8), 1})
		require.NoError(t, err)
		require.False(t, may)
	}
	require.Equal(t, 1, vault.scans)
	require.Len(t, r.roots, 1000, "a stranger's root is not remembered")
}
