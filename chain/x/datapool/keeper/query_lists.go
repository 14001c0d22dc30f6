package keeper

import (
	"context"
	"math"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Pools lists pools by number; those of a status and a range of prices from the
// cheapest on.
func (q queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	if err := q.k.accountsGiven(req.Buyer); err != nil {
		return nil, err
	}
	if err := enumGiven("status", req.Status, types.PoolStatus_name); err != nil {
		return nil, err
	}
	if req.MinPrice > mostPrice(req) {
		return nil, status.Errorf(codes.InvalidArgument, "min_price %d is above max_price %d: no pool can be between", req.MinPrice, req.MaxPrice)
	}
	var pools []types.Pool
	var next *query.PageResponse
	var err error
	join := texts(req.Texts, q.k.joinPool)
	if keys, byPrice := q.pricedPools(req); byPrice {
		get := func(ctx context.Context, key collections.Pair[statusPrice, uint64]) (types.Pool, error) {
			return q.k.pools.Get(ctx, key.K2())
		}
		pools, next, err = readPage(ctx, req.Pagination, keys, get, poolFilter(req), join)
	} else {
		pools, next, err = readPage(ctx, req.Pagination, q.poolKeys(req), q.k.pools.Get, poolFilter(req), join)
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolsResponse{Pools: pools, Pagination: next}, nil
}

// poolKeys walks the index of the first filter that has one.
func (q queryServer) poolKeys(req *types.QueryPoolsRequest) pageKeys[uint64] {
	switch {
	case req.Buyer != "":
		return setKeys(q.k.poolsBy.buyer, req.Buyer)
	case req.Status != types.POOL_STATUS_UNSPECIFIED && req.MediaType != "":
		return setKeys(q.k.poolsBy.media, collections.Join(int32(req.Status), types.FoldMediaType(req.MediaType)))
	case req.Status != types.POOL_STATUS_UNSPECIFIED:
		return setKeys(q.k.poolsBy.status, int32(req.Status))
	}
	return plainKeys(q.k.pools, collections.Uint64Key)
}

// pricedPools walks the pools of a status by their prices, where that is what
// narrows the list most.
func (q queryServer) pricedPools(req *types.QueryPoolsRequest) (keys pageKeys[collections.Pair[statusPrice, uint64]], ok bool) {
	if req.Buyer != "" || req.MediaType != "" || req.Status == types.POOL_STATUS_UNSPECIFIED || req.MinPrice == 0 && req.MaxPrice == 0 {
		return keys, false
	}
	at := func(price, id uint64) collections.Pair[statusPrice, uint64] {
		return collections.Join(collections.Join(int32(req.Status), price), id)
	}
	return boundKeys(q.k.poolsBy.price, at(req.MinPrice, 0), at(mostPrice(req), math.MaxUint64)), true
}

func mostPrice(req *types.QueryPoolsRequest) uint64 {
	if req.MaxPrice == 0 {
		return math.MaxUint64
	}
	return req.MaxPrice
}

func poolFilter(req *types.QueryPoolsRequest) func(types.Pool) bool {
	mediaType := types.FoldMediaType(req.MediaType)
	return func(p types.Pool) bool {
		price := p.Price.Uint64()
		return (req.Buyer == "" || p.Buyer == req.Buyer) &&
			(req.Status == types.POOL_STATUS_UNSPECIFIED || p.Status == req.Status) &&
			req.MinPrice <= price && price <= mostPrice(req) &&
			(mediaType == "" || types.FoldMediaType(p.MediaType) == mediaType)
	}
}

// Deals lists deals by number; those whose deadline is near, and those of a state, the nearest
// first.
func (q queryServer) Deals(ctx context.Context, req *types.QueryDealsRequest) (*types.QueryDealsResponse, error) {
	if err := q.k.accountsGiven(req.Seller, req.Buyer, req.Validator); err != nil {
		return nil, err
	}
	if err := enumGiven("state", req.State, types.DealState_name); err != nil {
		return nil, err
	}
	if req.DueHeight < 0 {
		return nil, status.Errorf(codes.InvalidArgument, "due_height %d: a height is wanted", req.DueHeight)
	}
	if req.Undrawn && (req.PoolId == 0 || req.DueHeight != 0) {
		return nil, status.Error(codes.InvalidArgument, "undrawn: a pool_id and no due_height are wanted")
	}
	if req.Challenged && (req.Validator == "" || req.DueHeight != 0 || req.Undrawn) {
		return nil, status.Error(codes.InvalidArgument, "challenged: a validator, no due_height and not undrawn are wanted")
	}
	var deals []types.Deal
	var next *query.PageResponse
	var err error
	join := texts(req.Texts, q.k.joinDeal)
	if due := dueUntil(req); due != 0 {
		deals, next, err = readPage(ctx, req.Pagination, q.dueKeys(due), q.dueDeal, dealFilter(req), join)
	} else {
		deals, next, err = readPage(ctx, req.Pagination, q.dealKeys(req), q.k.deals.Get, dealFilter(req), join)
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryDealsResponse{Deals: deals, Pagination: next}, nil
}

func dealFilter(req *types.QueryDealsRequest) func(types.Deal) bool {
	return func(d types.Deal) bool {
		return d.Id != 0 && // what is due and no deal
			(req.PoolId == 0 || d.PoolId == req.PoolId) &&
			(req.Seller == "" || d.Seller == req.Seller) &&
			(req.Buyer == "" || d.Buyer == req.Buyer) &&
			(req.Validator == "" || mayCertify(d, req.Validator)) &&
			(req.State == types.DEAL_STATE_UNSPECIFIED || d.State == req.State) &&
			(!req.Undrawn || d.Undrawn()) &&
			(!req.Challenged || d.Challenged() && d.Promised(req.Validator))
	}
}

// dueKeys walk what the end blocker looks at up to a height: pools among it.
func (q queryServer) dueKeys(height int64) pageKeys[due] {
	last := collections.Join[uint64, uint64](math.MaxUint64, math.MaxUint64)
	return boundKeys(q.k.queue,
		collections.Join(int64(0), collections.Join[uint64, uint64](0, 0)), collections.Join(height, last))
}

// dueDeal returns the deal of an entry, the zero one if it is not about a deal's end.
func (q queryServer) dueDeal(ctx context.Context, key due) (types.Deal, error) {
	if key.K2().K1() != dealDeadline {
		return types.Deal{}, nil
	}
	return q.k.deals.Get(ctx, key.K2().K2())
}

// dueUntil returns the height up to which the queue of deadlines is walked, 0 if another list
// is. All deals that have not ended are in the queue, so it also finds those of a state.
func dueUntil(req *types.QueryDealsRequest) int64 {
	narrower := req.PoolId != 0 || req.Seller != "" || req.Buyer != "" || req.Validator != ""
	if req.DueHeight == 0 && req.State != types.DEAL_STATE_UNSPECIFIED && !req.State.Ended() && !narrower {
		return math.MaxInt64
	}
	return req.DueHeight
}

// dealKeys walks the index of the first filter that is set. Deals that have ended are not in
// that of validators.
func (q queryServer) dealKeys(req *types.QueryDealsRequest) pageKeys[uint64] {
	switch {
	case req.Challenged:
		return setKeys(q.k.challenged, req.Validator)
	case req.Undrawn:
		return setKeys(q.k.undrawn, req.PoolId)
	case req.PoolId != 0:
		return setKeys(q.k.dealsBy.pool, req.PoolId)
	case req.Seller != "":
		return setKeys(q.k.dealsBy.seller, req.Seller)
	case req.Buyer != "":
		return setKeys(q.k.dealsBy.buyer, req.Buyer)
	case req.State.Ended():
		return plainKeys(q.k.deals, collections.Uint64Key)
	case req.Validator != "":
		return setKeys(q.k.dealsByValidator, req.Validator)
	}
	return plainKeys(q.k.deals, collections.Uint64Key)
}

// texts returns join if it is asked for.
func texts[V any](asked bool, join func(context.Context, *V) error) func(context.Context, *V) error {
	if !asked {
		return nil
	}
	return join
}

func mayCertify(d types.Deal, validator string) bool {
	return slices.ContainsFunc(d.Validators, func(v types.AcceptedValidator) bool { return v.Address == validator })
}

// Validators lists validators by address.
func (q queryServer) Validators(ctx context.Context, req *types.QueryValidatorsRequest) (*types.QueryValidatorsResponse, error) {
	keys := plainKeys(q.k.validators, collections.StringKey)
	validators, next, err := readPage(ctx, req.Pagination, keys, q.k.validators.Get, func(types.Validator) bool { return true }, nil)
	if err != nil {
		return nil, err
	}
	return &types.QueryValidatorsResponse{Validators: validators, Pagination: next}, nil
}

// Balances lists what accounts may withdraw, by address; bonds that are free are
// not among it.
func (q queryServer) Balances(ctx context.Context, req *types.QueryBalancesRequest) (*types.QueryBalancesResponse, error) {
	keys := plainKeys(q.k.balances, collections.StringKey)
	get := func(ctx context.Context, address string) (types.Balance, error) {
		amount, err := q.k.balances.Get(ctx, address)
		return types.Balance{Address: address, Amount: amount}, err
	}
	balances, next, err := readPage(ctx, req.Pagination, keys, get, func(types.Balance) bool { return true }, nil)
	if err != nil {
		return nil, err
	}
	return &types.QueryBalancesResponse{Balances: balances, Pagination: next}, nil
}

// accountsGiven refuses a filter that is no address: its list would be empty, and
// whoever mistyped it would believe that.
func (k Keeper) accountsGiven(filters ...string) error {
	for _, address := range filters {
		if address == "" {
			continue
		}
		if err := k.accountsOf(address); err != nil {
			return grpcError(err)
		}
	}
	return nil
}

// enumGiven refuses a filter by a value that the enum does not have: a list without
// matches would hide the mistake.
func enumGiven[E ~int32](field string, value E, names map[int32]string) error {
	if _, known := names[int32(value)]; !known {
		return status.Errorf(codes.InvalidArgument, "%s %d: no such value", field, int32(value))
	}
	return nil
}
