package interop_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/conformance/kit"
	"github.com/medibloc/pdx/integration/market"
)

// words are of an account that only these tests have.
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon " +
	"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"

// TestJavaScriptBuys has a buyer in JavaScript open a pool by CosmJS, pull from a node over
// libp2p, acknowledge and open: it must get the bytes that the seller disclosed, and the node
// must be paid.
func TestJavaScriptBuys(t *testing.T) { buys(t, false) }

// TestJavaScriptBuysOverWebSocket is the same for a buyer that has WebSocket only, and no
// address, as a page has.
func TestJavaScriptBuysOverWebSocket(t *testing.T) {
	t.Setenv("PDX_P2P_WEBSOCKET", "/ip4/127.0.0.1/tcp/0/ws")
	buys(t, true)
}

func buys(t *testing.T, webSocket bool) {
	requireNode(t)
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	buyer := run(t, m, "buyer", map[string]any{
		"mnemonic": words, "criteria": criteriaFile(t), "out": t.TempDir(), "count": 1, "price": uint64(market.Price),
		"validators": []string{string(m.Validators[0].Account)}, "webSocket": webSocket,
		"voucher": webSocket, // one of each
	})
	fund(t, m, buyer)
	listening := buyer.wait("peer").Addresses
	pool := buyer.wait("pool").Pool
	if !webSocket { // else nobody can dial it
		requireConforms(t, m, listening[0], pool)
	}
	m.AddSample(m.Sellers[0], "patients", sample.Options{Kind: sample.Patient, Patients: 2000, Seed: 1})
	sale := m.Sell(m.Sellers[0], pool, "patients")
	bought := buyer.wait("bought")
	buyer.wait("done")
	require.NoError(t, <-buyer.ended)
	sale = m.WaitSale(m.Sellers[0], sale.Id, pdx.DealFinal)
	requireSameFile(t, sale.Disclosed, bought.File)
}

// requireConforms checks what a buyer in JavaScript serves with the conformance kit. Its
// multiplexer shows no reset codes.
func requireConforms(t *testing.T, m *market.Market, address string, pool uint64) {
	t.Helper()
	at, err := peer.AddrInfoFromString(address)
	require.NoError(t, err)
	p, err := m.Chain.Pool(t.Context(), pdx.PoolID(pool))
	require.NoError(t, err)
	for _, only := range []string{"hello/", "blob/", "body/"} {
		results, err := kit.Run(t.Context(), kit.Target{
			ChainID: m.Fleet.Endpoints().ChainID, Peer: *at, Public: p.Criteria, NoCodes: true, Only: only,
		})
		require.NoError(t, err)
		for _, r := range results {
			assert.NotEqual(t, kit.Failed, r.Outcome, "%s (%s; %s): %s", r.ID, r.Section, r.Rule, r.Reason)
		}
	}
}

// requireSameFile makes sure that two files have the same bytes, and some.
func requireSameFile(t *testing.T, want, got string) {
	t.Helper()
	disclosed, err := os.ReadFile(want)
	require.NoError(t, err)
	require.NotEmpty(t, disclosed)
	bought, err := os.ReadFile(got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(disclosed, bought), "%s is not %s", got, want)
}

// criteriaFile lays the sample criteria on disk, for a program to read.
func criteriaFile(t *testing.T) string {
	t.Helper()
	raw, err := sample.Criteria(sample.Patient)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "criteria.json")
	require.NoError(t, os.WriteFile(name, raw, 0o600))
	return name
}

// fund gives a program's account money as soon as it is known.
func fund(t *testing.T, m *market.Market, p *program) pdx.Address {
	t.Helper()
	account := pdx.Address(p.wait("account").Account)
	m.Must(m.Fleet.Fund(t.Context(), account, market.Allowance), "fund the program")
	return account
}
