package client_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// changed is a hook that changes a deal.
func changed(change func(*types.Deal)) grpcHook {
	return func(forward func() ([]byte, error)) ([]byte, error) {
		raw, err := forward()
		if err != nil {
			return nil, err
		}
		var res types.QueryDealResponse
		if err := res.Unmarshal(raw); err != nil {
			return nil, err
		}
		change(&res.Deal)
		return res.Marshal()
	}
}

// Where nothing is proven, endpoints must agree about what a deal is; the one that has
// seen more of it is believed about how far it is.
func TestAgreed(t *testing.T) {
	c := newChain(t)
	_, id := clienttest.Certified(t, c)
	want, err := c.As("other").Deal(t.Context(), id)
	require.NoError(t, err)
	m := newMiddle(t, c)
	cfg := c.config("other")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	alone := dial(t, cfg)
	require.Empty(t, alone.Witnesses())
	cfg.More = []client.Endpoint{{GRPC: c.GRPCAddr(), RPC: c.RPCAddr()}}
	l := dial(t, cfg)
	agreed := func() pdx.Deal {
		t.Helper()
		deal, err := l.Agreed(t.Context(), id)
		require.NoError(t, err)
		return deal
	}
	require.Equal(t, want, agreed())

	const query = "/panacea.datapool.v3.Query/Deal"
	m.onGRPC(query, changed(func(d *types.Deal) {
		d.State, d.History, d.Certificates = types.DEAL_STATE_OFFERED, d.History[:1], nil
	}))
	require.Equal(t, want, agreed(), "it lags or hides something")
	m.onGRPC(query, changed(func(d *types.Deal) { d.Dataset.Root[0] ^= 1 }))
	_, err = l.Agreed(t.Context(), id)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.ErrorContains(t, err, m.rpcAddr)
	require.ErrorContains(t, err, "another dataset")
	m.onGRPC(query, func(func() ([]byte, error)) ([]byte, error) { return nil, grpcstatus.Error(codes.Unavailable, "dead") })
	require.Equal(t, want, agreed())
	_, err = l.Agreed(t.Context(), id+1)
	require.ErrorIs(t, err, pdx.ErrNotFound)

	// What one endpoint does not list, another one does.
	m.onGRPC("/panacea.datapool.v3.Query/Deals", func(func() ([]byte, error)) ([]byte, error) { return nil, nil })
	var listed []int
	for _, w := range l.Witnesses() {
		deals, _, err := w.Deals(t.Context(), pdx.DealFilter{Seller: want.Seller})
		require.NoError(t, err, w)
		listed = append(listed, len(deals))
		_, _, err = w.Deals(t.Context(), pdx.DealFilter{Due: time.Hour})
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	require.Equal(t, []int{0, 1}, listed)
}
