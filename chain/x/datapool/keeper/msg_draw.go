package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// Draw draws deals of a pool that wait for it. With a preimage it is the buyer's part of
// their draws; without one, anybody has those drawn that need no new one.
func (s msgServer) Draw(c context.Context, msg *types.MsgDraw) (*types.MsgDrawResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Sender); err != nil {
		return nil, err
	}
	pool, err := s.pool(ctx, msg.PoolId)
	if err != nil {
		return nil, err
	}
	if pool.DrawCount == 0 {
		return nil, errorsmod.Wrapf(types.ErrNoDraws, "pool %d", pool.Id)
	}
	waiting, err := s.waiting(ctx, pool.Id, types.MaxDraws)
	if err != nil {
		return nil, err
	}
	if len(msg.Preimage) != 0 {
		if err := s.reveal(ctx, &pool, msg, waiting); err != nil {
			return nil, err
		}
	}
	drawn, err := s.drawWaiting(ctx, pool, waiting)
	if err == nil && drawn == 0 && len(msg.Preimage) == 0 {
		err = errorsmod.Wrapf(types.ErrNothingToDraw, "pool %d", pool.Id)
	}
	return &types.MsgDrawResponse{Drawn: drawn}, err
}

// reveal takes the next preimage of the buyer's chain. It serves the deals whose draw block is not above
// the height that the buyer names, because whoever makes a later block may have seen it.
// That height must not lie before the reveal before: else a buyer that dislikes the draw of a
// deal could reveal one preimage after another until it likes one.
func (s msgServer) reveal(ctx sdk.Context, pool *types.Pool, msg *types.MsgDraw, waiting []types.Deal) error {
	if msg.Sender != pool.Buyer {
		return errorsmod.Wrapf(types.ErrNotBuyer, "of pool %d", pool.Id)
	}
	if seal.DrawStep([32]byte(msg.Preimage)) != [32]byte(pool.DrawCommitment) {
		return errorsmod.Wrapf(types.ErrNotPreimage, "pool %d", pool.Id)
	}
	if msg.Height >= ctx.BlockHeight() || msg.Height < pool.RevealHeight {
		return errorsmod.Wrapf(types.ErrDrawHeight, "%d, from %d to %d", msg.Height, pool.RevealHeight, ctx.BlockHeight()-1)
	}
	if len(waiting) > 0 && served(*pool, waiting[0]) {
		return errorsmod.Wrapf(types.ErrDrawsLeft, "deal %d", waiting[0].Id)
	}
	pool.DrawCommitment, pool.DrawHeight, pool.RevealHeight = msg.Preimage, msg.Height, ctx.BlockHeight()
	return s.pools.Set(ctx, pool.Id, *pool)
}

// drawWaiting draws those of the deals that can be drawn, and returns how many.
func (s msgServer) drawWaiting(ctx sdk.Context, pool types.Pool, waiting []types.Deal) (drawn uint32, err error) {
	for _, deal := range waiting {
		preimage, ok := preimageFor(ctx, pool, deal)
		if !ok {
			continue
		}
		if err := s.draw(ctx, &deal, pool, preimage); err != nil {
			return drawn, err
		}
		drawn++
	}
	return drawn, nil
}
