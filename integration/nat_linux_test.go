package integration_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/integration/netlab"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestSaleBehindNATs sells to a buyer whom nobody can dial, from sellers whom nobody can dial
// either. All are strangers with the configuration that `pdx init` writes, and find each
// other from a chain endpoint and a pool id: the buyer over relays, which are validators, and
// then directly where a hole can be punched.
func TestSaleBehindNATs(t *testing.T) {
	if err := netlab.NATSupported(); err != nil {
		t.Skip(err)
	}
	direct := map[string]bool{"seller-1": true, "seller-2": false, "seller-3": true}
	m, _ := market.OpenInternet(t, market.InternetOptions{
		Options: market.Options{Validators: 2, Sellers: 3, Chain: []string{"--block-interval", "500ms"}}, // most of it is waiting
		Scenario: `
			buyer and seller-1 behind port-restricted nat
			seller-2 behind symmetric nat
			seller-3 behind port-restricted nat behind full-cone nat`,
	})
	// One more is wanted than is sold: relays serve the buyer while it has an open pool.
	pool := m.OpenPool(market.Pool{Count: uint64(len(m.Sellers)) + 1})
	m.Pull(pool)
	var sales []string
	for i, seller := range m.Sellers {
		m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 300, Seed: uint64(i + 1)})
		sales = append(sales, m.Sell(seller, pool, "patients").Id)
	}
	for i, seller := range m.Sellers {
		m.Bought(m.WaitSale(seller, sales[i], pdx.DealFinal))
		t.Logf("%s: %s", seller.Name, pathBetween(t, m.Buyer, seller))
	}
	for _, seller := range m.Sellers {
		m.Until(market.Patience, seller.Name+" is connected as far as its NAT allows", func(ctx context.Context) error {
			path := pathBetween(t, m.Buyer, seller)
			if (path == "direct") != direct[seller.Name] {
				return fmt.Errorf("%w: path %s", pdx.ErrWrongState, path)
			}
			return nil
		})
	}
	requireExplained(t, m, m.Sellers[1])
}

// requireExplained looks at what nodes say of how they are reached.
func requireExplained(t *testing.T, m *market.Market, symmetric *procs.Member) {
	t.Helper()
	for n, want := range map[*procs.Member]string{
		m.Buyer: "over 2 relays, checked from outside", m.Validators[0]: "directly at /ip4/45.",
	} {
		m.Until(market.Patience, n.Name+" says how it is reached", func(ctx context.Context) error {
			return reached(ctx, n, want)
		})
	}
	st, err := symmetric.Client().Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	stream, err := m.Buyer.Client().ExplainPath(t.Context(), &nodepb.ExplainPathRequest{Peer: st.PeerId})
	require.NoError(t, err)
	defer stream.Close()
	found := map[string]string{}
	for stream.Receive() {
		found[stream.Msg().Step] = stream.Msg().Message
		t.Log(stream.Msg())
	}
	require.NoError(t, stream.Err())
	require.Equal(t, "over a relay", found["connection"])
	require.Contains(t, found["hole"], "no direct connection was made")
}

// reached returns nil when a node says so of how it is reached.
func reached(ctx context.Context, n *procs.Member, want string) error {
	st, err := n.Client().Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return err
	}
	for _, h := range st.Health {
		if h.Part == "reached" && h.Ok && strings.HasPrefix(h.Message, want) {
			return nil
		}
	}
	return fmt.Errorf("%w: %v", pdx.ErrNotFound, st.Health)
}

// Environment variables of TestNATMatrix: that it runs, and how many patients are sold in
// each pair, of about 1 KiB each.
const matrixEnv, matrixPatientsEnv = "PDX_NAT_MATRIX", "PDX_NAT_MATRIX_PATIENTS"

// punchTime is how long a pair may take to punch a hole: three tries.
const punchTime = 20 * time.Second

// TestNATMatrix sells between every pair of five kinds of NAT, and prints how: make
// nat-matrix.
func TestNATMatrix(t *testing.T) {
	if os.Getenv(matrixEnv) == "" {
		t.Skip("this takes minutes: make nat-matrix")
	}
	if err := netlab.NATSupported(); err != nil {
		t.Skip(err)
	}
	patients, err := strconv.ParseUint(cmp.Or(os.Getenv(matrixPatientsEnv), "60000"), 10, 32)
	require.NoError(t, err)
	kinds := []string{
		"full-cone nat", "restricted nat", "port-restricted nat", "symmetric nat", "port-restricted nat behind port-restricted nat",
	}
	var scenario strings.Builder
	for i, kind := range kinds {
		buyer := fmt.Sprintf("buyer-%d", i+1)
		if i == 0 {
			buyer = "buyer"
		}
		fmt.Fprintf(&scenario, "seller-%d and %s behind %s\n", i+1, buyer, kind)
	}
	m, _ := market.OpenInternet(t, market.InternetOptions{
		Options: market.Options{Validators: 2, Sellers: len(kinds), Buyers: len(kinds)}, Scenario: scenario.String(),
	})
	for i, seller := range m.Sellers {
		for j := range m.Buyers {
			m.AddSample(seller, fmt.Sprint("patients-", j), sample.Options{Kind: sample.Patient, Patients: patients, Seed: uint64(10*i + j + 1)})
		}
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "seller behind\tbuyer behind\tpath\tsale took\tpull took\trate")
	for j, buyer := range m.Buyers {
		m := m.As(buyer)
		pool := m.OpenPool(market.Pool{Count: uint64(len(m.Sellers))})
		m.Pull(pool)
		for i, seller := range m.Sellers {
			began := time.Now()
			sale := m.Sell(seller, pool, fmt.Sprint("patients-", j))
			m.Bought(m.WaitSale(seller, sale.Id, pdx.DealFinal))
			lasted := time.Since(began)
			took, rate := pulled(t, buyer)
			ctx, cancel := context.WithTimeout(t.Context(), punchTime)
			_ = market.Poll(ctx, func(context.Context) error { // the table has what it came to
				if pathBetween(t, buyer, seller) == "direct" {
					return nil
				}
				return pdx.ErrWrongState
			})
			cancel()
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s/s\n", kinds[i], kinds[j], pathBetween(t, buyer, seller),
				lasted.Round(time.Second), took.Round(time.Millisecond), humanize.IBytes(rate))
		}
	}
	require.NoError(t, table.Flush())
}

// pulled returns how long the last pull of a node took, and its rate in bytes a second.
func pulled(t *testing.T, n *procs.Member) (took time.Duration, rate uint64) {
	t.Helper()
	res, err := n.Client().ListTransfers(t.Context(), &nodepb.ListTransfersRequest{})
	require.NoError(t, err)
	for _, tr := range slices.Backward(res.Transfers) {
		if tr.Direction == "pull" && tr.Ended != nil {
			took = tr.Ended.AsTime().Sub(tr.Started.AsTime())
			return took, uint64(float64(tr.Size) / max(took.Seconds(), 1e-3))
		}
	}
	return 0, 0
}

// pathBetween returns the best path that a node has to another: direct, relayed or none.
func pathBetween(t *testing.T, from, to *procs.Member) string {
	t.Helper()
	st, err := to.Client().Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	res, err := from.Client().Peers(t.Context(), &nodepb.PeersRequest{})
	require.NoError(t, err)
	path := "none"
	for _, p := range res.Peers {
		switch {
		case p.PeerId != st.PeerId:
		case strings.Contains(p.Address, "/p2p-circuit"):
			if path == "none" {
				path = "relayed"
			}
		default:
			path = "direct"
		}
	}
	return path
}
