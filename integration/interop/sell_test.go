package interop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
)

// TestJavaScriptSells has a seller in JavaScript sell to a node, past two validators: it must
// be paid, and the node get the bytes that it disclosed.
func TestJavaScriptSells(t *testing.T) {
	requireNode(t)
	m := market.Open(t, market.Options{Validators: 2, Sellers: 1})
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	data, err := m.WriteSample(m.Sellers[0], "patients", sample.Options{Kind: sample.Patient, Patients: 1500, Seed: 2})
	require.NoError(t, err)
	seller := run(t, m, "seller", map[string]any{"mnemonic": words, "pool": pool, "data": data, "out": t.TempDir()})
	fund(t, m, seller)
	offered := seller.wait("offered")
	for range m.Validators {
		require.Equal(t, "accept", seller.wait("validated").Verdict)
	}
	require.Equal(t, "voucher", seller.wait("delivered").Verdict)
	seller.wait("done")
	require.NoError(t, <-seller.ended)
	require.Equal(t, pdx.DealFinal, m.Deal(offered.Deal).State)
	pull, err := m.PullOf(t.Context(), pool, offered.Deal)
	require.NoError(t, err)
	requireSameFile(t, offered.File, pull.Path)
}
