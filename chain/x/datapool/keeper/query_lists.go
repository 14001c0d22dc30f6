package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Pools lists pools by number.
func (q queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	keys := plainKeys(q.k.pools, collections.Uint64Key)
	switch {
	case req.Buyer != "":
		keys = indexKeys(q.k.pools.Indexes.Buyer, req.Buyer, collections.Uint64Key)
	case req.Status != types.POOL_STATUS_UNSPECIFIED:
		keys = indexKeys(q.k.pools.Indexes.Status, int32(req.Status), collections.Uint64Key)
	}
	pools, next, err := readPage(ctx, req.Pagination, keys, q.k.pools.Get, func(p types.Pool) bool {
		return (req.Buyer == "" || p.Buyer == req.Buyer) &&
			(req.Status == types.POOL_STATUS_UNSPECIFIED || p.Status == req.Status)
	})
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolsResponse{Pools: pools, Pagination: next}, nil
}

// Deals lists deals by number.
func (q queryServer) Deals(ctx context.Context, req *types.QueryDealsRequest) (*types.QueryDealsResponse, error) {
	deals, next, err := readPage(ctx, req.Pagination, q.dealKeys(req), q.k.deals.Get, func(d types.Deal) bool {
		return (req.PoolId == 0 || d.PoolId == req.PoolId) &&
			(req.Seller == "" || d.Seller == req.Seller) &&
			(req.Buyer == "" || d.Buyer == req.Buyer) &&
			(req.Validator == "" || mayCertify(d, req.Validator)) &&
			(req.State == types.DEAL_STATE_UNSPECIFIED || d.State == req.State)
	})
	if err != nil {
		return nil, err
	}
	return &types.QueryDealsResponse{Deals: deals, Pagination: next}, nil
}

// dealKeys walks the index of the first filter that is set.
func (q queryServer) dealKeys(req *types.QueryDealsRequest) pageKeys[uint64] {
	by := q.k.deals.Indexes
	switch {
	case req.PoolId != 0:
		return indexKeys(by.Pool, req.PoolId, collections.Uint64Key)
	case req.Seller != "":
		return indexKeys(by.Seller, req.Seller, collections.Uint64Key)
	case req.Buyer != "":
		return indexKeys(by.Buyer, req.Buyer, collections.Uint64Key)
	case req.Validator != "":
		return setKeys(q.k.dealsByValidator, req.Validator)
	case req.State != types.DEAL_STATE_UNSPECIFIED:
		return indexKeys(by.State, int32(req.State), collections.Uint64Key)
	}
	return plainKeys(q.k.deals, collections.Uint64Key)
}

func mayCertify(d types.Deal, validator string) bool {
	return slices.ContainsFunc(d.Validators, func(v types.AcceptedValidator) bool { return v.Address == validator })
}

// Validators lists validators by address.
func (q queryServer) Validators(ctx context.Context, req *types.QueryValidatorsRequest) (*types.QueryValidatorsResponse, error) {
	keys := plainKeys(q.k.validators, collections.StringKey)
	validators, next, err := readPage(ctx, req.Pagination, keys, q.k.validators.Get, func(types.Validator) bool { return true })
	if err != nil {
		return nil, err
	}
	return &types.QueryValidatorsResponse{Validators: validators, Pagination: next}, nil
}
