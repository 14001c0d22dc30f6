package integration_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestRepeatedData offers records that a pool bought before, by their seller under another
// name and by another seller in every shape. A validator that never saw them rejects each,
// with how many there are; only what is new is bought.
func TestRepeatedData(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 2, Sellers: 2})
	first, second := m.Validators[0], m.Validators[1]
	pool := m.OpenPool(market.Pool{Count: 9, Required: 1})
	m.Pull(pool)
	const records = 60
	options := sample.Options{Kind: sample.Patient, Patients: records, Seed: 1}
	path := m.AddSample(m.Sellers[0], "patients", options)
	bought := m.SellTo(m.Sellers[0], first, &nodepb.SellRequest{PoolId: pool, DataId: "patients", Optional: true})
	m.Bought(m.WaitSale(m.Sellers[0], bought.Id, pdx.DealFinal))

	old := linesOf(t, path)
	options.Seed = 2
	fresh, err := m.WriteSample(m.Sellers[1], "fresh", options)
	require.NoError(t, err)
	reversed := slices.Clone(old)
	slices.Reverse(reversed)
	for i, c := range []struct {
		name     string
		seller   *procs.Member
		lines    []string
		optional bool
		overlap  int
	}{
		{"renamed", m.Sellers[0], old, true, records},
		{"copied", m.Sellers[1], old, true, records},
		{"fewer-fields", m.Sellers[1], old, false, records},
		{"reordered", m.Sellers[1], reversed, true, records},
		{"half-new", m.Sellers[1], slices.Concat(old[:records/2], linesOf(t, fresh)[:records/2]), true, records / 2},
	} {
		at := filepath.Join(m.Dir, fmt.Sprintf("repeated-%d.ndjson", i))
		require.NoError(t, os.WriteFile(at, []byte(strings.Join(c.lines, "\n")+"\n"), 0o600))
		m.AddFile(c.seller, c.name, at)
		offered := m.SellTo(c.seller, second, &nodepb.SellRequest{PoolId: pool, DataId: c.name, Optional: c.optional})
		sale := m.WaitSale(c.seller, offered.Id, pdx.DealLapsed)
		m.Until(market.Patience, "the seller has the reason", func(ctx context.Context) (err error) {
			if sale, err = market.SaleOf(ctx, c.seller, sale.Id); err == nil && (sale.Reason == "" || len(reasons(sale)) == 0) {
				err = fmt.Errorf("reason %q, checks %v", sale.Reason, sale.Checks)
			}
			return err
		})
		require.Equal(t, fmt.Sprint("overlap/", c.overlap), reasons(sale)[0].Rule, c.name)
		require.Contains(t, sale.Reason, pdx.RejectDuplicate.String(), c.name)
	}
	m.AddFile(m.Sellers[1], "fresh", fresh)
	offered := m.SellTo(m.Sellers[1], second, &nodepb.SellRequest{PoolId: pool, DataId: "fresh"})
	m.Bought(m.WaitSale(m.Sellers[1], offered.Id, pdx.DealFinal))
}

// TestTheBuyerKeepsRecordSets: the only validator that certified a dataset loses its blobs.
// Another one gets the record set from the buyer, so the pool goes on, and it costs the seller
// nothing.
func TestTheBuyerKeepsRecordSets(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 2, Sellers: 2})
	first, second := m.Validators[0], m.Validators[1]
	pool := m.OpenPool(market.Pool{Count: 9, Required: 1})
	m.Pull(pool)
	m.AddSample(m.Sellers[0], "patients", sample.Options{Kind: sample.Patient, Patients: 60, Seed: 1})
	bought := m.SellTo(m.Sellers[0], first, &nodepb.SellRequest{PoolId: pool, DataId: "patients"})
	m.Bought(m.WaitSale(m.Sellers[0], bought.Id, pdx.DealFinal))
	m.Until(market.Patience, "the buyer has the record set", func(context.Context) error {
		if !strings.Contains(m.Buyer.Log(), "record set kept") {
			return errors.New("its log does not say so")
		}
		return nil
	})

	require.NoError(t, first.Stop())
	require.NoError(t, os.RemoveAll(filepath.Join(first.Home, "blobs")))
	require.NoError(t, first.Start(t.Context()))
	m.AddSample(m.Sellers[1], "others", sample.Options{Kind: sample.Patient, Patients: 60, Seed: 2})
	offered := m.SellTo(m.Sellers[1], second, &nodepb.SellRequest{PoolId: pool, DataId: "others"})
	sale := m.WaitSale(m.Sellers[1], offered.Id, pdx.DealFinal)
	m.Bought(sale)
	deal := m.Deal(sale.DealId)
	require.Len(t, deal.Certificates, 1)
	require.Equal(t, second.Account, deal.Certificates[0].Validator)
}

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}
