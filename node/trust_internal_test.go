package node

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// unreachable returns a client of endpoints where nobody listens.
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
}

func TestProver(t *testing.T) {
	chain := unreachable(t, nil)
	_, _, err := prover{chain, false}.Deal(t.Context(), 1)
	require.ErrorIs(t, err, client.ErrNoTrust)
	_, _, err = prover{chain, true}.Deal(t.Context(), 1)
	require.NotErrorIs(t, err, client.ErrNoTrust)
}

// believer is a prover of a test in which nobody lies.
type believer struct{ buyer.Ledger }

func (b believer) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	head, err := b.Head(ctx)
	if err != nil {
		return pdx.Deal{}, head, err
	}
	deal, err := b.Ledger.Deal(ctx, id)
	return deal, head, err
}

func (b believer) Validator(_ context.Context, address pdx.Address) (pdx.Validator, error) {
	r, err := dedup.NewRecipient(make([]byte, dedup.RecipientLen))
	return pdx.Validator{Address: address, RecipientKey: r.Public()}, err
}

func TestProofMemory(t *testing.T) {
	db, err := sqlite.Open(t.Context(), t.TempDir()+"/node.db", home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	m := proofMemory{store.NewTable[proofDocument](db, "proofs"), newestProof}
	_, err = m.Load(t.Context())
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.NoError(t, m.Save(t.Context(), []byte("one")))
	require.NoError(t, m.Save(t.Context(), []byte("two")))
	raw, err := m.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, "two", string(raw))
}
