package buyer_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

func buyerKey(secret []byte) (pdx.Element, error) {
	key, err := seal.BuyerKeyFromBytes(secret)
	return key.Public(), err
}

// in runs a scenario in fake time with a started buyer and its pool.
func in(
	t *testing.T, scenario func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID), change ...func(*buyer.Config),
) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(change...)
		pool := w.pool(s)
		synctest.Wait()
		scenario(t, w, s, pool)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func (w *world) file(t *testing.T, id pdx.DealID, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.out, "deal-"+id.String(), name))
	require.NoError(t, err)
	return string(raw)
}

func TestDealGoesAllItsWay(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.order(s, pool)
		records := patients(100_000)
		w.certify(1, pool, records)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		p := pull(t, s, 1)
		require.Equal(t, p.Size, p.Held)
		require.Equal(t, []pdx.Address{seller}, w.asked)

		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		p = pull(t, s, 1)
		require.Equal(t, records, w.file(t, 1, "records.ndjson"))
		require.Equal(t, uint64(100_000), p.Opened.Records)
		require.Equal(t, filepath.Join(w.out, "deal-1", "records.ndjson"), p.Opened.Path)

		var m output.Manifest
		require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
		sum := blake3.Sum256([]byte(records))
		require.Equal(t, hex.EncodeToString(sum[:]), m.Blake3)
		require.Equal(t, pdx.DealID(1), m.Deal)
		require.Equal(t, p.Root.String(), m.Root)
		require.Contains(t, m.Heights, "delivered")
		info, err := os.Stat(p.Opened.Path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "health data is its owner's alone")

		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		require.NotContains(t, w.stored, p.Root)
		require.Equal(t, 1, w.acks[1])
	})
}

func TestOneDealOnly(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		w.certify(2, pool, patients(2))
		_, err := s.Pull(t.Context(), model.PullOrder{Pool: pool, Deal: 2, Out: w.out})
		require.NoError(t, err)
		w.settle(func() bool { return state(s, 2) == model.PullAcked })
		require.Len(t, pulls(s), 1)
		require.Empty(t, s.InProgress(99))
	})
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.pools = append(w.pools, pdx.Pool{ID: 2, Buyer: "panacea1other"}, pdx.Pool{ID: 3, Buyer: me, Key: pdx.Element{9}, Status: pdx.PoolOpen})
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		w.order(s, pool)
		for name, c := range map[string]struct {
			order model.PullOrder
			want  error
		}{
			"relative folder":         {model.PullOrder{Pool: pool, Out: "out"}, pdx.ErrInvalid},
			"no folder":               {model.PullOrder{Pool: pool}, pdx.ErrInvalid},
			"folder that climbs":      {model.PullOrder{Pool: pool, Out: "/tmp/../etc"}, pdx.ErrInvalid},
			"no pool":                 {model.PullOrder{Pool: 99, Out: w.out}, pdx.ErrNotFound},
			"another's pool":          {model.PullOrder{Pool: 2, Out: w.out}, pdx.ErrInvalid},
			"pool of another machine": {model.PullOrder{Pool: 3, Out: w.out}, buyer.ErrNoKey},
			"no deal":                 {model.PullOrder{Pool: pool, Deal: 99, Out: w.out}, pdx.ErrNotFound},
		} {
			_, err := s.Pull(t.Context(), c.order)
			require.ErrorIs(t, err, c.want, name)
		}
		orders, err := s.Orders(t.Context())
		require.NoError(t, err)
		require.Len(t, orders, 1)
	})
}

func TestChangesGiveTheLatest(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		seen := 0
		for p := range s.Changes(t.Context()) {
			seen++
			time.Sleep(time.Minute) // a slow reader, in fake time
			if p.State == model.PullOpened {
				break
			}
		}
		require.Less(t, seen, 5)
	})
}

func TestEventsOfOthersCostNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		for id := range pdx.DealID(20_000) {
			s.Wake(pdx.Event{Deal: id + 1000, Pool: 77, State: string(pdx.DealCertified)})
		}
		synctest.Wait()
		require.Empty(t, pulls(s))
	})
}
