package buyer_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/buyer/internal/output"
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
		var m output.Manifest
		require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
		require.Equal(t, 3, m.Version)
		require.Equal(t, "5umed", m.Price, "readers of version 1 find it where it was")
		require.Equal(t, output.ManifestAmount{Amount: "5", Denom: "umed"}, m.Paid)
		require.Equal(t, "Vitals", m.Title)
		require.Equal(t, []output.ManifestTerm{
			{ID: 1, Required: true, Title: "Research only", Description: "No resale", Agreed: true},
			{ID: 2, Title: "Contact", Description: "The buyer may write to me"},
		}, m.Terms)
		require.Len(t, m.Validators, 2)
		require.Equal(t, helper, m.Validators[1].Validator)
		require.Equal(t, []output.ManifestShare{
			{Account: seller, Amount: output.ManifestAmount{Amount: "4", Denom: "umed"}},
			{Account: helper, Amount: output.ManifestAmount{Amount: "1", Denom: "umed"}},
		}, m.Shares)
		require.NotEmpty(t, m.History)
		for _, step := range m.History {
			require.Equal(t, m.Heights[string(step.State)], step.Height)
			require.False(t, step.Time.IsZero())
			require.Empty(t, step.Transaction, "nobody was asked")
		}
	})
}

// index has the transactions of a world's deals, all but at the first question, for it is
// behind; or it is off.
type index struct {
	of    *world
	asked int
}

func (i *index) Transactions(_ context.Context, deal pdx.DealID) ([]pdx.Transaction, error) {
	if i.of == nil {
		return nil, fmt.Errorf("%w: the index is off", pdx.ErrUnavailable)
	}
	i.of.mu.Lock()
	defer i.of.mu.Unlock()
	list := transactionsOf(i.of.deals[deal])
	if i.asked++; i.asked == 1 {
		return list[:1], nil
	}
	return list, nil
}

// TestManifestNamesTransactions wants each step and certificate to have the transaction that
// made it, and a manifest in any case.
func TestManifestNamesTransactions(t *testing.T) {
	for name, known := range map[string]bool{"an endpoint has them": true, "none has": false} {
		t.Run(name, func(t *testing.T) {
			var have index
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				if known {
					have.of = w
				}
				w.certify(1, pool, patients(10))
				w.order(s, pool)
				w.settle(func() bool { return state(s, 1) == model.PullAcked })
				w.delivered(1)
				w.settle(func() bool { return state(s, 1) == model.PullOpened })
				var m output.Manifest
				require.NoError(t, json.Unmarshal([]byte(w.file(t, 1, "manifest.json")), &m))
				for _, step := range m.History {
					require.Equal(t, known, step.Transaction == "TX "+string(step.State), "%+v", step)
				}
				require.NotEmpty(t, m.Validators)
				for _, c := range m.Validators {
					require.Equal(t, known, c.Transaction == "TX "+string(c.Validator), "%+v", c)
				}
			}, func(c *buyer.Config) { c.Transactions = &have })
		})
	}
}

// transactionsOf makes a transaction for each step and certificate of a deal, and one of
// another height that must not be taken for any.
func transactionsOf(d pdx.Deal) []pdx.Transaction {
	list := []pdx.Transaction{{Hash: "TX other", Height: 1 << 40, Events: []pdx.Event{{Deal: d.ID, State: string(pdx.DealFinal)}}}}
	for _, s := range d.History {
		list = append(list, pdx.Transaction{
			Hash: "TX " + string(s.State), Height: s.Height, Events: []pdx.Event{{Deal: d.ID, State: string(s.State)}},
		})
	}
	for _, c := range d.Certificates {
		list = append(list, pdx.Transaction{
			Hash: "TX " + string(c.Validator), Height: c.Height, Events: []pdx.Event{{Deal: d.ID, Validator: c.Validator}},
		})
	}
	return list
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
