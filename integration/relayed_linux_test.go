package integration_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/dustin/go-humanize"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/integration/netlab"
)

// relayedEnv makes TestRelayedRate run.
const relayedEnv = "PDX_RELAYED"

// TestRelayedRate pulls 64 MiB over relays whose lines carry 40 Mbit/s, and prints what share of
// that the pull had: make relayed.
func TestRelayedRate(t *testing.T) {
	if os.Getenv(relayedEnv) == "" {
		t.Skip("this measures: make relayed")
	}
	for _, missing := range []error{netlab.NATSupported(), netlab.RateSupported()} {
		if missing != nil {
			t.Skip(missing)
		}
	}
	const lineRate = 40e6 / 8
	m, _ := market.OpenInternet(t, market.InternetOptions{
		Options: market.Options{Validators: 2, Sellers: 1, Chain: []string{"--block-interval", "1s"}},
		Scenario: `
			buyer behind port-restricted nat
			seller-1 behind symmetric nat
			validator-1 and validator-2 rate 40mbit delay 10ms`,
		Launch: func(_ string, process *exec.Cmd) { // or the buyer would pull from the validator
			process.Env = append(process.Environ(), "PDX_VALIDATOR_PROMISE=false")
		},
	})
	seller := m.Sellers[0]
	pool := m.OpenPool(market.Pool{Criteria: []byte(scans), Validators: []pdx.Address{m.Validators[0].Account}})
	m.AddFile(seller, "scans", writeScans(t, 1366))
	sale := m.Sell(seller, pool, "scans")
	m.WaitSale(seller, sale.Id, pdx.DealCertified)
	m.Pull(pool)
	m.Bought(m.WaitSale(seller, sale.Id, pdx.DealFinal))
	require.Equal(t, "relayed", pathBetween(t, m.Buyer, seller))
	took, rate := pulled(t, m.Buyer)
	t.Logf("took %s: %s/s, %.2f of the line", took, humanize.IBytes(rate), float64(rate)/lineRate)
}
