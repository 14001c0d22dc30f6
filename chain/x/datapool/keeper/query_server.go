package keeper

import (
	"context"
	"errors"
	"math"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// queryServer answers the queries. It returns codes.NotFound for a missing record and
// codes.InvalidArgument for an invalid request.
type queryServer struct{ k Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer serves the module's queries.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k: k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	notice, err := q.k.pendingBond(sdk.UnwrapSDKContext(ctx))
	return &types.QueryParamsResponse{Params: params, BondNotice: notice}, err
}

// Pool returns one pool.
func (q queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	pool, err := q.k.wholePool(ctx, req.PoolId)
	if err != nil {
		return nil, grpcError(err)
	}
	res := &types.QueryPoolResponse{Pool: pool}
	if pool.Status != types.POOL_STATUS_OPEN {
		return res, nil
	}
	cost, err := q.k.closeCost(ctx, pool)
	if err != nil {
		return nil, err
	}
	if res.CloseCost = math.MaxUint64; cost.IsUint64() {
		res.CloseCost = cost.Uint64()
	}
	return res, nil
}

// TagKeys returns the sealed tag keys of one pool; none if it takes duplicates.
func (q queryServer) TagKeys(ctx context.Context, req *types.QueryTagKeysRequest) (*types.QueryTagKeysResponse, error) {
	keys, err := q.k.tagKeys(ctx, req.PoolId)
	if err != nil {
		return nil, grpcError(err)
	}
	return &types.QueryTagKeysResponse{Keys: keys}, nil
}

// Deal returns one deal with its history.
func (q queryServer) Deal(ctx context.Context, req *types.QueryDealRequest) (*types.QueryDealResponse, error) {
	deal, err := q.k.wholeDeal(ctx, req.DealId)
	if err != nil {
		return nil, grpcError(err)
	}
	return &types.QueryDealResponse{Deal: deal}, nil
}

// DealByRoot returns the deal that holds a ciphertext under a dataset key in a pool. A lapsed deal holds none.
func (q queryServer) DealByRoot(ctx context.Context, req *types.QueryDealByRootRequest) (*types.QueryDealByRootResponse, error) {
	key := types.Dataset{Root: req.Root, DatasetKey: req.DatasetKey}.RootKey()
	id, err := q.k.roots.Get(ctx, collections.Join(req.PoolId, key))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "no deal of pool %d holds ciphertext %x under dataset key %x",
			req.PoolId, req.Root, req.DatasetKey)
	}
	if err != nil {
		return nil, err
	}
	deal, err := q.k.wholeDeal(ctx, id)
	if err != nil {
		return nil, grpcError(err)
	}
	return &types.QueryDealByRootResponse{Deal: deal}, nil
}

// Validator returns one validator.
func (q queryServer) Validator(ctx context.Context, req *types.QueryValidatorRequest) (*types.QueryValidatorResponse, error) {
	if err := q.k.accountsOf(req.Address); err != nil {
		return nil, grpcError(err)
	}
	v, err := q.k.validator(ctx, req.Address)
	if err != nil {
		return nil, grpcError(err)
	}
	conditions, err := q.k.conditionsOf(ctx, req.Address)
	if err != nil {
		return nil, err
	}
	totals, err := q.k.totalsOf(ctx, req.Address)
	return &types.QueryValidatorResponse{Validator: v, Conditions: conditions, Staked: totals.Staked, Earned: totals.Earned}, err
}

// Balance returns what an account may withdraw, including a bond that is free;
// zero if it never had anything.
func (q queryServer) Balance(ctx context.Context, req *types.QueryBalanceRequest) (*types.QueryBalanceResponse, error) {
	if err := q.k.accountsOf(req.Address); err != nil {
		return nil, grpcError(err)
	}
	amount, err := q.k.withdrawable(sdk.UnwrapSDKContext(ctx), req.Address)
	if err != nil {
		return nil, grpcError(err)
	}
	return &types.QueryBalanceResponse{Balance: types.Balance{Address: req.Address, Amount: amount}}, nil
}

// grpcError converts an error of the module to a gRPC status.
func grpcError(err error) error {
	for _, missing := range []error{types.ErrPoolNotFound, types.ErrDealNotFound, types.ErrValidatorNotFound} {
		if errors.Is(err, missing) {
			return status.Error(codes.NotFound, err.Error())
		}
	}
	if errors.Is(err, types.ErrAddress) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return err
}
