package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// poolPages walks a list of pools page by page.
func poolPages(t *testing.T, m *datapooltest.Market, req types.QueryPoolsRequest, limit uint64, reverse bool) (ids []uint64) {
	t.Helper()
	req.Pagination = &query.PageRequest{Limit: limit, Reverse: reverse}
	for {
		var resp *types.QueryPoolsResponse
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) (err error) {
			resp, err = q.Pools(ctx, &req)
			return err
		}))
		for _, p := range resp.Pools {
			ids = append(ids, p.Id)
		}
		if req.Pagination.Key = resp.Pagination.NextKey; len(req.Pagination.Key) == 0 {
			return ids
		}
	}
}

// openPools returns a market with open pools of different prices and media types, and
// some that have ended.
func openPools(t *testing.T) *datapooltest.Market {
	t.Helper()
	m := datapooltest.NewMarket(t, 2) // pool 1: datapooltest.Price, application/fhir+ndjson
	for _, p := range []struct {
		price     uint64
		mediaType string
	}{{30, "text/csv"}, {7, "Text/CSV"}, {30, "text/csv; header"}, {7, ""}, {9, "text/csv"}} {
		m.OpenPool(2, func(msg *types.MsgCreatePool) {
			msg.Price, msg.Escrow = datapooltest.Coin(pdx.Amount(p.price)), datapooltest.Coin(pdx.Amount(2*p.price))
			msg.MediaType = p.mediaType
		})
	}
	m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: 6})
	m.CheckInvariants()
	return m
}

func TestPoolsAreFoundByPriceAndMediaType(t *testing.T) {
	m := openPools(t)
	const open, closed = types.POOL_STATUS_OPEN, types.POOL_STATUS_CLOSED
	for name, row := range map[string]struct {
		req  types.QueryPoolsRequest
		want []uint64
	}{
		"at most":                 {types.QueryPoolsRequest{Status: open, MaxPrice: 30}, []uint64{3, 5, 2, 4}},
		"at least":                {types.QueryPoolsRequest{Status: open, MinPrice: 8}, []uint64{2, 4, 1}},
		"between":                 {types.QueryPoolsRequest{Status: open, MinPrice: 8, MaxPrice: 29}, nil},
		"exactly":                 {types.QueryPoolsRequest{Status: open, MinPrice: 7, MaxPrice: 7}, []uint64{3, 5}},
		"closed ones":             {types.QueryPoolsRequest{Status: closed, MaxPrice: 30}, []uint64{6}},
		"of any status":           {types.QueryPoolsRequest{MaxPrice: 30}, []uint64{2, 3, 4, 5, 6}},
		"media type":              {types.QueryPoolsRequest{Status: open, MediaType: "text/csv"}, []uint64{2, 3}},
		"media type in capitals":  {types.QueryPoolsRequest{Status: open, MediaType: "TEXT/csv"}, []uint64{2, 3}},
		"media type, any status":  {types.QueryPoolsRequest{MediaType: "text/csv"}, []uint64{2, 3, 6}},
		"media type and price":    {types.QueryPoolsRequest{Status: open, MediaType: "text/csv", MaxPrice: 7}, []uint64{3}},
		"buyer, price and status": {types.QueryPoolsRequest{Status: open, Buyer: string(m.Buyer), MinPrice: 30, MaxPrice: 30}, []uint64{2, 4}},
		"another's":               {types.QueryPoolsRequest{Status: open, Buyer: string(m.Seller), MaxPrice: 30}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			backward := slices.Clone(row.want)
			slices.Reverse(backward)
			for _, limit := range []uint64{1, 2, 100} {
				require.Equal(t, row.want, poolPages(t, m, row.req, limit, false))
				require.Equal(t, backward, poolPages(t, m, row.req, limit, true))
			}
		})
	}
}

func TestDealsAreFoundByTheirDeadline(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	var ids []uint64
	for _, state := range []types.DealState{
		types.DEAL_STATE_ACKED, types.DEAL_STATE_OFFERED, types.DEAL_STATE_CERTIFIED, types.DEAL_STATE_DELIVERED,
	} {
		ids = append(ids, m.DealIn(state))
	}
	m.DealIn(types.DEAL_STATE_LAPSED)
	height := func(id uint64) int64 { return m.Deal(id).DeadlineHeight + 1 }
	ids = slices.DeleteFunc(ids, func(id uint64) bool { return m.Deal(id).State.Ended() })
	slices.SortStableFunc(ids, func(a, b uint64) int { return int(height(a) - height(b)) })
	require.NotEmpty(t, ids)
	last := height(ids[len(ids)-1])
	backward := slices.Clone(ids)
	slices.Reverse(backward)
	for _, limit := range []uint64{1, 100} {
		got, _ := dealPages(t, m, types.QueryDealsRequest{DueHeight: last}, limit, false)
		require.Equal(t, ids, got)
		got, _ = dealPages(t, m, types.QueryDealsRequest{DueHeight: last}, limit, true)
		require.Equal(t, backward, got)
		got, _ = dealPages(t, m, types.QueryDealsRequest{DueHeight: height(ids[0]) - 1}, limit, false)
		require.Empty(t, got)
		got, _ = dealPages(t, m, types.QueryDealsRequest{DueHeight: last, Seller: string(m.Buyer)}, limit, false)
		require.Empty(t, got)
		first := m.Deal(ids[0])
		got, _ = dealPages(t, m, types.QueryDealsRequest{
			DueHeight: last, PoolId: first.PoolId, Buyer: first.Buyer, State: first.State,
		}, limit, false)
		require.Contains(t, got, first.Id)
	}
}

func TestBalancesAreListed(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	m.DealIn(types.DEAL_STATE_FINAL)
	req := &types.QueryBalancesRequest{Pagination: &query.PageRequest{Limit: 1}}
	have := map[string]pdx.Amount{}
	for range 2 {
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Balances(ctx, req)
			require.NoError(t, err)
			require.Len(t, resp.Balances, 1)
			have[resp.Balances[0].Address] = pdx.Amount(resp.Balances[0].Amount.Uint64())
			req.Pagination.Key = resp.Pagination.NextKey
			return nil
		}))
	}
	require.Empty(t, req.Pagination.Key)
	for _, account := range []pdx.Address{m.Seller, m.Validators[0]} {
		require.Equal(t, m.Withdrawable(account), have[string(account)])
	}
}

// TestFiltersThatAreNone refuses what would otherwise be an empty list that
// somebody believes.
func TestFiltersThatAreNone(t *testing.T) {
	m := openPools(t)
	capital := "PANACEA1" + string(m.Buyer)[8:]
	otherStatus := func() []byte {
		var key []byte
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Pools(ctx, &types.QueryPoolsRequest{
				Status: types.POOL_STATUS_OPEN, MaxPrice: 30, Pagination: &query.PageRequest{Limit: 1},
			})
			key = resp.GetPagination().GetNextKey()
			return err
		}))
		return key
	}()
	require.NotEmpty(t, otherStatus)
	for name, ask := range map[string]func(ctx sdk.Context, q types.QueryServer) error{
		"buyer of pools": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Pools(ctx, &types.QueryPoolsRequest{Buyer: "panacea1"})
			return err
		},
		"no price is between": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Pools(ctx, &types.QueryPoolsRequest{MinPrice: 9, MaxPrice: 8})
			return err
		},
		"capitals": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Pools(ctx, &types.QueryPoolsRequest{Buyer: capital})
			return err
		},
		"seller": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{Seller: "x"})
			return err
		},
		"buyer": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{PoolId: 1, Buyer: "x"})
			return err
		},
		"validator": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{DueHeight: 9, Validator: "cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"})
			return err
		},
		"a status that does not exist": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Pools(ctx, &types.QueryPoolsRequest{Status: 99})
			return err
		},
		"a state that does not exist": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{PoolId: 1, State: -1})
			return err
		},
		"due before the chain": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{DueHeight: -1})
			return err
		},
		"the page key of another list": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Pools(ctx, &types.QueryPoolsRequest{
				Status: types.POOL_STATUS_CLOSED, MaxPrice: 30, Pagination: &query.PageRequest{Key: otherStatus},
			})
			return err
		},
		"the page key of a list by number": func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, &types.QueryDealsRequest{DueHeight: 9, Pagination: &query.PageRequest{Key: make([]byte, 8)}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, codes.InvalidArgument, status.Code(m.Read(ask)))
		})
	}
}

// TestAnIndexEntryStaysUntilItMoves takes away an entry that a step of the deal has
// no reason to write, and looks for it after the step: nobody wrote it again.
func TestAnIndexEntryStaysUntilItMoves(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	seller := append(append(types.DealsBySellerPrefix.Bytes(), m.Seller...), 0)
	m.Damage(func(s storetypes.KVStore) {
		require.True(t, s.Has(number(seller, id)))
		s.Delete(number(seller, id))
	})
	m.Ack(id)
	found, _ := dealPages(t, m, types.QueryDealsRequest{Seller: string(m.Seller)}, 1, false)
	require.Empty(t, found)
	found, _ = dealPages(t, m, types.QueryDealsRequest{State: types.DEAL_STATE_ACKED}, 1, false)
	require.Equal(t, []uint64{id}, found, "what moved was written")
}

// FuzzPageKeys asks for pages that no page named: a key is refused or is a place to
// begin at, and nothing else.
func FuzzPageKeys(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add(make([]byte, 8), true)
	f.Add(make([]byte, 20), false)
	f.Add(make([]byte, 24), true)
	f.Add([]byte("panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc\x00"), false)
	m := datapooltest.NewMarket(f, 3)
	m.DealIn(types.DEAL_STATE_ACKED)
	f.Fuzz(func(t *testing.T, key []byte, reverse bool) {
		page := &query.PageRequest{Key: key, Reverse: reverse, Limit: 1}
		for name, ask := range map[string]func(sdk.Context, types.QueryServer) error{
			"pools": func(ctx sdk.Context, q types.QueryServer) error {
				_, err := q.Pools(ctx, &types.QueryPoolsRequest{Status: types.POOL_STATUS_OPEN, Pagination: page})
				return err
			},
			"pools by price": func(ctx sdk.Context, q types.QueryServer) error {
				_, err := q.Pools(ctx, &types.QueryPoolsRequest{Status: types.POOL_STATUS_OPEN, MinPrice: 1, Pagination: page})
				return err
			},
			"due deals": func(ctx sdk.Context, q types.QueryServer) error {
				_, err := q.Deals(ctx, &types.QueryDealsRequest{DueHeight: 1 << 62, Pagination: page})
				return err
			},
			"validators": func(ctx sdk.Context, q types.QueryServer) error {
				_, err := q.Validators(ctx, &types.QueryValidatorsRequest{Pagination: page})
				return err
			},
			"balances": func(ctx sdk.Context, q types.QueryServer) error {
				_, err := q.Balances(ctx, &types.QueryBalancesRequest{Pagination: page})
				return err
			},
		} {
			if err := m.Read(ask); err != nil {
				require.Equal(t, codes.InvalidArgument, status.Code(err), "%s: %v", name, err)
			}
		}
	})
}
