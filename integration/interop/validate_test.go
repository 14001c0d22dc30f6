package interop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
)

// TestJavaScriptValidates has a validator in JavaScript certify beside a node. Both accept one
// dataset and reject another, and each recomputes the other's report hash.
func TestJavaScriptValidates(t *testing.T) {
	requireNode(t)
	m := market.Open(t, market.Options{Validators: 1, Sellers: 2})
	validator := run(t, m, "validator", map[string]any{"mnemonic": words, "bond": uint64(market.Bond), "deals": 2})
	account := fund(t, m, validator)
	validator.wait("registered")
	both := []pdx.Address{account, m.Validators[0].Account}
	for i, broken := range []uint64{0, 100} {
		m.AddSample(m.Sellers[i], "patients", sample.Options{Kind: sample.Patient, Patients: 900, Seed: uint64(i + 3), Broken: broken})
	}

	pool := m.OpenPool(market.Pool{Duplicates: true, Validators: both})
	m.Pull(pool)
	good := m.Sell(m.Sellers[0], pool, "patients")
	requireAgreement(t, validator, "VERDICT_ACCEPT")
	opened := m.Opened(m.WaitSale(m.Sellers[0], good.Id, pdx.DealFinal))
	require.Empty(t, opened.Copiers)

	// With one accept required, a deal lapses with the second reject.
	bad := m.SellUnchecked(m.Sellers[1], m.OpenPool(market.Pool{Duplicates: true, Validators: both, Required: 1}), "patients")
	requireAgreement(t, validator, "VERDICT_REJECT")
	m.WaitSale(m.Sellers[1], bad.Id, pdx.DealLapsed)
	validator.wait("done")
	require.NoError(t, <-validator.ended)
}

// requireAgreement makes sure that two validators gave a verdict with the same report.
func requireAgreement(t *testing.T, validator *program, verdict string) {
	t.Helper()
	for range 2 {
		e := validator.wait("certificate")
		require.Equal(t, verdict, e.Verdict)
		require.True(t, e.Same, "the report hash of %s is another one", e.Account)
	}
}
