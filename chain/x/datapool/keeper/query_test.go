package keeper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// dealPages walks a list page by page.
func dealPages(t *testing.T, m *datapooltest.Market, req types.QueryDealsRequest, limit uint64, reverse bool) (ids []uint64, pages int) {
	t.Helper()
	req.Pagination = &query.PageRequest{Limit: limit, Reverse: reverse}
	for {
		var resp *types.QueryDealsResponse
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) (err error) {
			resp, err = q.Deals(ctx, &req)
			return err
		}))
		pages++
		require.LessOrEqual(t, len(resp.Deals), int(limit))
		for _, d := range resp.Deals {
			ids = append(ids, d.Id)
		}
		if req.Pagination.Key = resp.Pagination.NextKey; len(req.Pagination.Key) == 0 {
			return ids, pages
		}
	}
}

func TestDealsAreFilteredAndPaged(t *testing.T) {
	m := busyMarket(t)
	all := m.Export().Deals
	for _, req := range []types.QueryDealsRequest{
		{},
		{PoolId: m.Pool},
		{Seller: string(m.Seller)},
		{Seller: string(datapooltest.Account("else"))},
		{Buyer: string(m.Buyer)},
		{Validator: string(m.Validators[1])},
		{Validator: string(m.Seller)},
		{Validator: string(m.Validators[1]), State: types.DEAL_STATE_FINAL},
		{State: types.DEAL_STATE_UNACKED},
		{PoolId: m.Pool, State: types.DEAL_STATE_OFFERED},
		{PoolId: 77},
		{Seller: string(m.Seller), Buyer: string(m.Buyer), PoolId: 1, State: types.DEAL_STATE_FINAL},
	} {
		t.Run(fmt.Sprintf("%d %s %s%s", req.PoolId, req.State, req.Seller, req.Validator), func(t *testing.T) {
			byValidator := func(v types.AcceptedValidator) bool { return v.Address == req.Validator }
			var want, backward []uint64
			byValidatorOnly := req.Validator != "" && req.PoolId == 0 && req.Seller == "" && req.Buyer == "" && req.State == 0
			for _, d := range all {
				if byValidatorOnly && d.State.Ended() {
					continue // it is out of its validators' way
				}
				if (req.PoolId == 0 || d.PoolId == req.PoolId) && (req.Seller == "" || d.Seller == req.Seller) &&
					(req.Validator == "" || slices.ContainsFunc(d.Validators, byValidator)) &&
					(req.Buyer == "" || d.Buyer == req.Buyer) && (req.State == 0 || d.State == req.State) {
					want, backward = append(want, d.Id), append([]uint64{d.Id}, backward...)
				}
			}
			for _, limit := range []uint64{1, 2, 100} {
				ids, pages := dealPages(t, m, req, limit, false)
				require.Equal(t, want, ids)
				require.LessOrEqual(t, pages, len(want)/int(limit)+1)
				ids, _ = dealPages(t, m, req, limit, true)
				require.Equal(t, backward, ids)
			}
		})
	}
}

func TestPoolsAndValidatorsAreFilteredAndPaged(t *testing.T) {
	m := busyMarket(t)
	list := func(req types.QueryPoolsRequest) []uint64 { return poolPages(t, m, req, 1, false) }
	require.Equal(t, []uint64{1, 2, 3, 4, 5}, list(types.QueryPoolsRequest{}))
	require.Equal(t, []uint64{1, 2, 3, 4, 5}, list(types.QueryPoolsRequest{Buyer: string(m.Buyer)}))
	require.Empty(t, list(types.QueryPoolsRequest{Buyer: string(m.Seller)}))
	require.Equal(t, []uint64{3}, list(types.QueryPoolsRequest{Status: types.POOL_STATUS_EXPIRED}))
	require.Equal(t, []uint64{2}, list(types.QueryPoolsRequest{Buyer: string(m.Buyer), Status: types.POOL_STATUS_CLOSED}))

	var found []string
	req := &types.QueryValidatorsRequest{Pagination: &query.PageRequest{Limit: 2}}
	for range 3 {
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Validators(ctx, req)
			for _, v := range resp.GetValidators() {
				found = append(found, v.Address)
			}
			req.Pagination.Key = resp.GetPagination().GetNextKey()
			return err
		}))
	}
	require.Empty(t, req.Pagination.Key)
	require.Len(t, found, 5)
	for _, v := range m.Validators {
		require.Contains(t, found, string(v))
	}
}

func TestOneRecordQueries(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_ACKED)
	whole, root := m.Deal(id), m.Sealed[id].Dataset.Root
	require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
		byRoot, err := q.DealByRoot(ctx, &types.QueryDealByRootRequest{PoolId: m.Pool, Root: root[:], DatasetKey: whole.Dataset.DatasetKey})
		require.NoError(t, err)
		require.Equal(t, whole, byRoot.Deal)
		require.Equal(t, id, byRoot.Deal.Id)
		params, err := q.Params(ctx, &types.QueryParamsRequest{})
		require.NoError(t, err)
		require.Equal(t, datapooltest.Params(), params.Params)
		v, err := q.Validator(ctx, &types.QueryValidatorRequest{Address: string(m.Validators[1])})
		require.NoError(t, err)
		require.Equal(t, string(m.Validators[1]), v.Validator.Address)
		require.Equal(t, types.DefaultConditions(), v.Conditions)
		none, err := q.Balance(ctx, &types.QueryBalanceRequest{Address: string(datapooltest.Account("nobody"))})
		require.NoError(t, err)
		require.True(t, none.Balance.Amount.IsZero())
		return nil
	}))
}

func TestQueryRefusals(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	for name, row := range map[string]struct {
		ask  func(ctx sdk.Context, q types.QueryServer) (any, error)
		want codes.Code
	}{
		"pool": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Pool(ctx, &types.QueryPoolRequest{PoolId: 9})
		}, codes.NotFound},
		"deal": {func(ctx sdk.Context, q types.QueryServer) (any, error) { return q.Deal(ctx, &types.QueryDealRequest{}) }, codes.NotFound},
		"validator": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Validator(ctx, &types.QueryValidatorRequest{Address: string(m.Seller)})
		}, codes.NotFound},
		"validator that is no address": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Validator(ctx, &types.QueryValidatorRequest{Address: "cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"})
		}, codes.InvalidArgument},
		"validator in capitals": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Validator(ctx, &types.QueryValidatorRequest{Address: strings.ToUpper(string(m.Validators[0]))})
		}, codes.InvalidArgument},
		"deal by root": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.DealByRoot(ctx, &types.QueryDealByRootRequest{PoolId: 1})
		}, codes.NotFound},
		"balance": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Balance(ctx, &types.QueryBalanceRequest{Address: "x"})
		}, codes.InvalidArgument},
		"page key": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Deals(ctx, &types.QueryDealsRequest{Pagination: &query.PageRequest{Key: []byte("x")}})
		}, codes.InvalidArgument},
		"offset": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Pools(ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Offset: 1}})
		}, codes.InvalidArgument},
		"total": {func(ctx sdk.Context, q types.QueryServer) (any, error) {
			return q.Validators(ctx, &types.QueryValidatorsRequest{Pagination: &query.PageRequest{CountTotal: true}})
		}, codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.want, status.Code(m.Read(func(ctx sdk.Context, q types.QueryServer) error {
				_, err := row.ask(ctx, q)
				return err
			})))
		})
	}
}

// TestAPageLooksAtSoManyRecords hides one open pool behind many closed ones: a
// page that finds nothing in its share of the list says where to go on.
func TestAPageLooksAtSoManyRecords(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	g := m.Export()
	open := g.Pools[0]
	g.Pools = nil
	for id := range uint64(types.MaxPageScan + 1) {
		closed := open
		key := seal.NewBuyerKey().Public()
		closed.Id, closed.Status, closed.Escrow, closed.BuyerKey = id+1, types.POOL_STATUS_CLOSED, open.Escrow.Sub(open.Escrow), key[:]
		closed.QueuedHeight = 0
		g.Pools = append(g.Pools, closed)
	}
	open.Id = types.MaxPageScan + 2
	g.Pools, g.NextPoolId = append(g.Pools, open), open.Id+1
	chain := datapooltest.New(datapooltest.Config{Genesis: g, ModuleHolding: m.Held()})
	require.NoError(t, chain.Read(func(ctx sdk.Context, q types.QueryServer) error {
		req := &types.QueryPoolsRequest{Buyer: string(m.Buyer), Status: types.POOL_STATUS_OPEN, Pagination: &query.PageRequest{}}
		first, err := q.Pools(ctx, req)
		require.NoError(t, err)
		require.Empty(t, first.Pools)
		require.NotEmpty(t, first.Pagination.NextKey)
		req.Pagination.Key = first.Pagination.NextKey
		second, err := q.Pools(ctx, req)
		require.NoError(t, err)
		require.Len(t, second.Pools, 1)
		require.Empty(t, second.Pagination.NextKey)
		return nil
	}))
}
