package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ClosePool ends a pool and credits its unreserved escrow to the buyer. Deals
// with a reserved price continue unchanged.
func (s msgServer) ClosePool(c context.Context, msg *types.MsgClosePool) (*types.MsgClosePoolResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Buyer); err != nil {
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
	refund := sdk.NewCoin(pool.Denom, pool.Escrow)
	return &types.MsgClosePoolResponse{Refund: refund}, s.endPool(ctx, &pool, types.POOL_STATUS_CLOSED)
}
