package node

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/node/store"
)

// unreachable is a client of endpoints where nobody listens.
func unreachable(t *testing.T, trust *light.Anchor) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		ChainID: "c-1", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1", Trust: trust,
		More: []client.Endpoint{{GRPC: "127.0.0.1:2", RPC: "http://127.0.0.1:2"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestChainMetrics(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(chainMetrics{unreachable(t, nil)}))
	families, err := registry.Gather()
	require.NoError(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	require.Equal(t, []string{"pdx_chain_endpoint_ok", "pdx_chain_lies_total", "pdx_chain_verified_height_blocks", "pdx_chain_verified_ok"}, names)
}

// A node says before a sale that it could not deliver, and how to mend that.
func TestReady(t *testing.T) {
	err := prover{unreachable(t, nil), false}.Ready(t.Context())
	require.ErrorIs(t, err, client.ErrNoTrust)
	require.ErrorContains(t, err, "chain.trust.height")
	require.ErrorContains(t, err, "/block?height=N")
	require.ErrorContains(t, err, "chain.trust.none")
	require.NoError(t, prover{unreachable(t, nil), true}.Ready(t.Context()))
	err = prover{unreachable(t, &light.Anchor{Height: 1, Hash: make([]byte, 32)}), false}.Ready(t.Context())
	require.ErrorIs(t, err, pdx.ErrUnavailable)

	require.True(t, TrustConfig{}.Missing())
	require.False(t, TrustConfig{None: true}.Missing())
	require.False(t, TrustConfig{Height: 1, Hash: "aa"}.Missing())
}

func TestProofHealth(t *testing.T) {
	n := &Node{chain: unreachable(t, nil)}
	h := n.proofHealth()
	require.False(t, h.OK)
	require.Contains(t, h.Message, "delivers no key")
	_, _, err := prover{n.chain, false}.Deal(t.Context(), 1)
	require.ErrorIs(t, err, client.ErrNoTrust)

	n.cfg.Chain.Trust.None = true
	require.Contains(t, n.proofHealth().Message, "UNVERIFIED")
	_, _, err = prover{n.chain, true}.Deal(t.Context(), 1)
	require.NotErrorIs(t, err, client.ErrNoTrust)

	n = &Node{chain: unreachable(t, &light.Anchor{Height: 1, Hash: make([]byte, 32)})}
	require.True(t, n.proofHealth().OK, "it was not tried yet")
	require.ErrorIs(t, n.chain.Verified().Check(t.Context()), pdx.ErrUnavailable)
	h = n.proofHealth()
	require.False(t, h.OK)
	require.Contains(t, h.Message, "http://127.0.0.1:1")
	require.Len(t, n.endpointHealth(), 2)
}

func TestProofMemory(t *testing.T) {
	db, err := store.Open(t.Context(), t.TempDir()+"/node.db")
	require.NoError(t, err)
	defer db.Close()
	m := proofMemory{store.NewTable[proofDocument](db, "proofs")}
	_, err = m.Load(t.Context())
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.NoError(t, m.Save(t.Context(), []byte("one")))
	require.NoError(t, m.Save(t.Context(), []byte("two")))
	raw, err := m.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, "two", string(raw))
}
