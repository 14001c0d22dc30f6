package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ClosePool ends a pool and credits its unreserved escrow to the buyer, but for what is held
// for the offers that wait: it pays what they cost their sellers, and the rest comes back
// when they lapse. Deals with a reserved price continue unchanged.
func (s msgServer) ClosePool(c context.Context, msg *types.MsgClosePool) (*types.MsgClosePoolResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	buyer, err := s.account(msg.Buyer)
	if err != nil {
		return nil, err
	}
	pool, err := s.pool(ctx, msg.PoolId)
	if err != nil {
		return nil, err
	}
	if pool.Buyer != msg.Buyer {
		return nil, errorsmod.Wrapf(types.ErrNotBuyer, "of pool %d", pool.Id)
	}
	if pool.Status != types.POOL_STATUS_OPEN {
		return nil, errorsmod.Wrapf(types.ErrPoolNotOpen, "pool %d is %s", pool.Id, pool.Status)
	}
	held, err := s.closeCost(ctx, pool)
	if err != nil {
		return nil, err
	}
	if held.GT(math.NewIntFromUint64(msg.MaxCost)) {
		return nil, errorsmod.Wrapf(types.ErrCloseCost, "%s of at most %d: let them lapse, or allow more", held, msg.MaxCost)
	}
	fromEscrow := math.MinInt(held, pool.Escrow)
	if missing := held.Sub(fromEscrow); missing.IsPositive() {
		if err := s.moveIn(ctx, buyer, pool.Denom, missing); err != nil {
			return nil, err
		}
	}
	res := &types.MsgClosePoolResponse{
		Refund: sdk.NewCoin(pool.Denom, pool.Escrow.Sub(fromEscrow)), Held: sdk.NewCoin(pool.Denom, held),
	}
	return res, s.endPool(ctx, &pool, types.POOL_STATUS_CLOSED, fromEscrow)
}

// closeCost is what a buyer that closes its pool has held for the offers that wait in it.
func (k Keeper) closeCost(ctx context.Context, pool types.Pool) (math.Int, error) {
	offers, err := k.offers.Get(ctx, pool.Id)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return pool.HeldForOffer().Mul(math.NewIntFromUint64(offers)), err
}
