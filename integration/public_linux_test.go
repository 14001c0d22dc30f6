package integration_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/procs"
)

// TestPublicSale sells on an internet of public addresses, among strangers with
// the configuration that `pdx init` writes for a real chain. Nothing makes a node
// a server of the DHT but its own finding and its registration; nobody is asked
// twice, and no node is restarted.
func TestPublicSale(t *testing.T) {
	m := market.OpenPublic(t, market.Options{Validators: 2, Sellers: 1})
	for _, n := range m.Fleet.Members() {
		requireDefaults(t, m, n)
	}
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	seller := m.Sellers[0]
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 300, Seed: 1})
	sale := m.Sell(seller, pool, "patients")
	sale = m.WaitSale(seller, sale.Id, pdx.DealFinal)
	m.Bought(sale)
	others := len(m.Fleet.Members()) - 1
	for _, n := range m.Fleet.Members() {
		m.Until(market.Patience, n.Name+" serves the DHT and knows all others", func(ctx context.Context) error {
			return says(ctx, n, "network", fmt.Sprintf("%d peers in the routing table; serves the DHT", others))
		})
	}
}

// requireDefaults makes sure that a node's configuration is the default one, but
// for the chain.
func requireDefaults(t *testing.T, m *market.Market, n *procs.Member) {
	t.Helper()
	ends, want := m.Fleet.Endpoints(), config.Default(n.Home)
	want.Chain.ID, want.Chain.GRPC, want.Chain.RPC = ends.ChainID, ends.GRPC, ends.RPC
	want.Chain.Trust = config.Trust{Height: ends.Trust.Height, Hash: ends.Trust.Hash}
	want.P2P.Bootstrap = []string{} // as a file says it
	got, err := config.Load(n.Home)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.False(t, got.P2P.LocalNetwork)
	require.Equal(t, "auto", got.P2P.DHT)
	require.Empty(t, got.P2P.Bootstrap)
	for _, pair := range os.Environ() {
		require.NotContains(t, pair, "PDX_P2P_", "the environment goes before the file")
	}
}

// says returns nil when a part of a node is well and says what is wanted.
func says(ctx context.Context, n *procs.Member, part, want string) error {
	st, err := n.Client().Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return err
	}
	for _, h := range st.Health {
		switch {
		case h.Part != part:
		case h.Ok && h.Message == want:
			return nil
		default:
			return fmt.Errorf("%s of %s: ok %v, %s", part, n.Name, h.Ok, h.Message)
		}
	}
	return fmt.Errorf("%s of %s: %w", part, n.Name, pdx.ErrNotFound)
}
