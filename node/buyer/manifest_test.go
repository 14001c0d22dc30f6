package buyer_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// agree gives the pool two terms, of which the seller of deal 1 agreed to the first.
func (w *world) agree() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pools[0].Title = "Vitals"
	w.pools[0].Terms = []pdx.Term{
		{ID: 1, Required: true, Title: "Research only", Description: "No resale"},
		{ID: 2, Title: "Contact", Description: "The buyer may write to me"},
	}
	deal := w.deals[1]
	deal.Agreed = []uint32{1}
	deal.Shares = []pdx.Share{{Address: seller, Amount: 4}, {Address: helper, Amount: 1}}
	w.deals[1] = deal
}

func TestManifestIsAReceipt(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.agree()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		var m buyer.Manifest
		require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
		require.Equal(t, 2, m.Version)
		require.Equal(t, "5umed", m.Price, "readers of version 1 find it where it was")
		require.Equal(t, buyer.ManifestAmount{Amount: "5", Denom: "umed"}, m.Paid)
		require.Equal(t, "Vitals", m.Title)
		require.Equal(t, []buyer.ManifestTerm{
			{ID: 1, Required: true, Title: "Research only", Description: "No resale", Agreed: true},
			{ID: 2, Title: "Contact", Description: "The buyer may write to me"},
		}, m.Terms)
		require.Len(t, m.Validators, 2)
		require.Equal(t, helper, m.Validators[1].Validator)
		require.Equal(t, []buyer.ManifestShare{
			{Account: seller, Amount: buyer.ManifestAmount{Amount: "4", Denom: "umed"}},
			{Account: helper, Amount: buyer.ManifestAmount{Amount: "1", Denom: "umed"}},
		}, m.Shares)
		require.NotEmpty(t, m.History)
		for _, step := range m.History {
			require.Equal(t, m.Heights[string(step.State)], step.Height)
			require.False(t, step.Time.IsZero())
		}
	})
}

// TestManifestOfAnEarlierVersionStays opens a dataset beside the manifest that a program
// of version 1 wrote before it was killed: it is not a foreign file.
func TestManifestOfAnEarlierVersionStays(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		name := filepath.Join(w.out, "deal-1", "manifest.json")
		sum := blake3.Sum256([]byte(patients(10)))
		raw, err := json.Marshal(map[string]any{
			"version": 1, "chain_id": chainID, "deal_id": 1, "root": w.deals[1].Dataset.Root.String(),
			"file": "records.ndjson", "blake3": hex.EncodeToString(sum[:]),
		})
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, raw, 0o600))
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		require.Equal(t, string(raw), w.file(t, 1, "manifest.json"))
	})
}
