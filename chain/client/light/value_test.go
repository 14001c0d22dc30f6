package light_test

import (
	"testing"

	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	datapool "github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestValues(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	head, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)

	raw, err := params(t.Context(), h, c.source(), head)
	require.NoError(t, err)
	var p datapool.Params
	require.NoError(t, p.Unmarshal(raw))
	require.NoError(t, p.Validate())

	for _, key := range [][]byte{
		datapool.DealStoreKey(1), datapool.PoolStoreKey(9), datapool.ValidatorStoreKey("nobody"),
		datapool.RootStoreKey(1, make([]byte, 32), make([]byte, 32)),
		{},
		{0xff},
	} {
		raw, err = h.Value(t.Context(), c.source(), head, datapool.StoreKey, key)
		if len(key) == 0 { // which no tree has
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Nil(t, raw)
	}
	_, err = h.Value(t.Context(), c.source(), head, "nothing", datapool.ParamsStoreKey())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
}

func TestForgedValues(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	for name, l := range map[string]struct {
		forge func(*coretypes.ResultABCIQuery)
		what  string
	}{
		"another value":  {func(r *coretypes.ResultABCIQuery) { r.Response.Value = flipped(r.Response.Value) }, "another value"},
		"no value":       {func(r *coretypes.ResultABCIQuery) { r.Response.Value = nil }, "nothing"},
		"another height": {func(r *coretypes.ResultABCIQuery) { r.Response.Height-- }, "height"},
		"another key":    {func(r *coretypes.ResultABCIQuery) { r.Response.Key = []byte{1} }, "key"},
		"no proof":       {func(r *coretypes.ResultABCIQuery) { r.Response.ProofOps = nil }, "no proof"},
		"half a proof":   {func(r *coretypes.ResultABCIQuery) { r.Response.ProofOps.Ops = r.Response.ProofOps.Ops[:1] }, "operations"},
		"a forged proof": {func(r *coretypes.ResultABCIQuery) {
			r.Response.ProofOps.Ops[0].Data = flipped(r.Response.ProofOps.Ops[0].Data)
		}, ""},
		"a forged proof of the store": {func(r *coretypes.ResultABCIQuery) {
			r.Response.ProofOps.Ops[1].Data = flipped(r.Response.ProofOps.Ops[1].Data)
		}, ""},
		"proofs swapped": {func(r *coretypes.ResultABCIQuery) {
			ops := r.Response.ProofOps.Ops
			ops[0], ops[1] = ops[1], ops[0]
		}, "type"},
		"a large value": {func(r *coretypes.ResultABCIQuery) { r.Response.Value = make([]byte, 2<<20) }, "bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			liar := c.liar()
			liar.query = l.forge
			head, err := h.Latest(t.Context(), c.source())
			require.NoError(t, err)
			_, err = params(t.Context(), h, liar.source(), head)
			requireLie(t, err, l.what)
		})
	}
	t.Run("of an older state", func(t *testing.T) {
		head, err := h.Latest(t.Context(), c.source())
		require.NoError(t, err)
		old, err := c.rpc.ABCIQueryWithOptions(t.Context(), "/store/datapool/key", datapool.ParamsStoreKey(),
			rpcclient.ABCIQueryOptions{Height: head.Height - 1, Prove: true})
		require.NoError(t, err)
		c.WaitHeight(t, head.Height+2)
		head, err = h.Latest(t.Context(), c.source())
		require.NoError(t, err)
		liar := c.liar()
		liar.query = func(r *coretypes.ResultABCIQuery) {
			height := r.Response.Height
			*r = *old
			r.Response.Height = height
		}
		_, err = params(t.Context(), h, liar.source(), head)
		requireLie(t, err, "does not lead to the header")
	})
}

func TestRefusedCode(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	head, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	liar := c.liar()
	liar.query = func(r *coretypes.ResultABCIQuery) { r.Response.Code, r.Response.Log = 1, "version does not exist" }
	_, err = params(t.Context(), h, liar.source(), head)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "version does not exist")
	var lie *light.Lie
	require.NotErrorAs(t, err, &lie)
}
