package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// deadlineAfter returns the height and the time after a duration of d.
func deadlineAfter(ctx sdk.Context, d, block time.Duration) (int64, time.Time) {
	return ctx.BlockHeight() + types.Blocks(d, block), ctx.BlockTime().Add(d)
}

// passed reports whether this block is beyond both height and time. A halted chain advances
// only its clock, a fast one only its height, and neither must shorten a deadline.
func passed(ctx sdk.Context, height int64, t time.Time) bool {
	return ctx.BlockHeight() > height && ctx.BlockTime().After(t)
}

// watch makes the end blocker handle a deal or a pool after a height. at is where its record
// says that it stands in the queue; the caller writes the record.
func (k Keeper) watch(ctx context.Context, item deadlineKey, at *int64, height int64) error {
	if err := k.unwatch(ctx, item, at); err != nil {
		return err
	}
	*at = height + 1
	return k.queue.Set(ctx, collections.Join(*at, item))
}

// unwatch removes an item from the queue, if it is there.
func (k Keeper) unwatch(ctx context.Context, item deadlineKey, at *int64) error {
	if *at == 0 {
		return nil
	}
	was := *at
	*at = 0
	return k.queue.Remove(ctx, collections.Join(was, item))
}

// later returns the height after which to handle an item whose height has passed but not its
// time: that at which the time should have passed, and at least this one.
func later(ctx sdk.Context, t time.Time, block time.Duration) int64 {
	return ctx.BlockHeight() + max(1, types.Blocks(t.Sub(ctx.BlockTime()), block)) - 1
}

// watchDeal makes the end blocker handle a deal after a height.
func (k Keeper) watchDeal(ctx context.Context, deal *types.Deal, height int64) error {
	return k.watch(ctx, collections.Join(dealDeadline, deal.Id), &deal.QueuedHeight, height)
}

// watchDealAgain postpones a deal whose height has passed but not its time, and writes it.
func (k Keeper) watchDealAgain(ctx sdk.Context, deal types.Deal, t time.Time) error {
	if err := k.watchDeal(ctx, &deal, max(deal.WatchHeight(), later(ctx, t, deal.BlockTime))); err != nil {
		return err
	}
	return k.deals.Set(ctx, deal.Id, deal)
}

// watchPool makes the end blocker handle a pool after a height.
func (k Keeper) watchPool(ctx context.Context, pool *types.Pool, height int64) error {
	return k.watch(ctx, collections.Join(poolDeadline, pool.Id), &pool.QueuedHeight, height)
}
