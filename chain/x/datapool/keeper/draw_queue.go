package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// poolDeal is a pair of a pool and one of its deals.
type poolDeal = collections.Pair[uint64, uint64]

var poolDealCodec = collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)

// awaitDraw has a deal wait for its draw, with the hash of the next block as a part of it.
func (k Keeper) awaitDraw(ctx sdk.Context, deal types.Deal) error {
	if err := k.undrawn.Set(ctx, collections.Join(deal.PoolId, deal.Id)); err != nil {
		return err
	}
	height := ctx.BlockHeight() + 1
	block, err := k.drawBlocks.Get(ctx, height)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	block.Height = height
	block.Waiting++
	return k.drawBlocks.Set(ctx, height, block)
}

// leaveDraw ends a deal's wait for its draw and returns the hash of its draw block. A
// block with which no deal waits any more is forgotten.
func (k Keeper) leaveDraw(ctx sdk.Context, deal types.Deal) (hash []byte, err error) {
	if err := k.undrawn.Remove(ctx, collections.Join(deal.PoolId, deal.Id)); err != nil {
		return nil, err
	}
	height := deal.DrawBlockHeight()
	block, err := k.drawBlocks.Get(ctx, height)
	if err != nil {
		return nil, err
	}
	if block.Waiting--; block.Waiting == 0 {
		return block.Hash, k.drawBlocks.Remove(ctx, height)
	}
	return block.Hash, k.drawBlocks.Set(ctx, height, block)
}

// noteDrawBlock keeps the hash of this block if deals wait for it. It is one record a
// block, whatever else the end blocker has to do: no backlog changes which hash it is.
func (k Keeper) noteDrawBlock(ctx sdk.Context) error {
	block, err := k.drawBlocks.Get(ctx, ctx.BlockHeight())
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if block.Hash = ctx.HeaderInfo().Hash; len(block.Hash) == 0 {
		block.Hash = make([]byte, 32) // the SDK's simulation has blocks without a hash
	}
	return k.drawBlocks.Set(ctx, block.Height, block)
}

// waiting returns up to limit deals of a pool that wait for their draw, the oldest first.
func (k Keeper) waiting(ctx context.Context, pool uint64, limit int) ([]types.Deal, error) {
	var deals []types.Deal
	err := k.undrawn.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint64](pool), func(key poolDeal) (bool, error) {
		deal, err := k.deal(ctx, key.K2())
		deals = append(deals, deal)
		return len(deals) >= limit, err
	})
	return deals, err
}
