package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// EndBlock ends items whose deadline has passed, as many as the parameters allow. An item
// that fails affects neither the others nor the chain; EndBlock returns an error only if
// parameters, the queue or the draw block of this height cannot be read.
func (k Keeper) EndBlock(c context.Context) error {
	defer measureEndBlock(telemetry.Now())
	ctx := sdk.UnwrapSDKContext(c)
	params, err := k.params.Get(ctx)
	if err != nil {
		return fmt.Errorf("read parameters: %w", err)
	}
	if err := k.noteDrawBlock(ctx); err != nil {
		return fmt.Errorf("note the hash of this block: %w", err)
	}
	due, err := k.due(ctx, int(params.MaxExpirationsPerBlock))
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	for _, entry := range due {
		if err := k.endApart(ctx, entry); err != nil {
			k.putOff(ctx, entry, err)
		}
	}
	return nil
}

// due lists the items to handle in this block, oldest first, and shows operators the queue.
func (k Keeper) due(ctx sdk.Context, limit int) ([]due, error) {
	var list []due
	var oldest int64
	err := k.queue.Walk(
		ctx,
		collections.NewPrefixUntilPairRange[int64, deadlineKey](ctx.BlockHeight()),
		func(entry due) (stop bool, err error) {
			if len(list) == 0 {
				oldest = entry.K1()
			}
			list = append(list, entry)
			return len(list) >= limit, nil
		},
	)
	showQueue(ctx, len(list), oldest)
	return list, err
}

// endApart ends one item in a store of its own, which is written only on success. A panic
// counts as an error of the item. The item is handled as its record says, wherever that has it
// stand in the queue: an item that failed stands elsewhere.
func (k Keeper) endApart(parent sdk.Context, entry due) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errorsmod.Wrap(types.ErrPanic, fmt.Sprint(r))
		}
	}()
	ctx, write := parent.CacheContext()
	if err := k.queue.Remove(ctx, entry); err != nil {
		return err
	}
	end := k.endDeal
	if entry.K2().K1() == poolDeadline {
		end = k.expirePool
	}
	if err := end(ctx, entry.K2().K2()); err != nil {
		return err
	}
	write()
	return nil
}

func (k Keeper) endDeal(ctx sdk.Context, id uint64) error {
	deal, err := k.deal(ctx, id)
	if err != nil || deal.State.Ended() {
		return err
	}
	if c := deal.Challenge; deal.Challenged() {
		if !passed(ctx, c.DeadlineHeight, c.DeadlineTime) {
			return k.watchDealAgain(ctx, deal, c.DeadlineTime)
		}
		return k.breakPromise(ctx, &deal)
	}
	if !late(ctx, deal) {
		return k.watchDealAgain(ctx, deal, deal.DeadlineTime)
	}
	switch {
	case deal.Undrawn():
		return k.drawDue(ctx, &deal)
	case deal.State == types.DEAL_STATE_DELIVERED:
		return k.finalize(ctx, &deal)
	case deal.AckedByDefault():
		return k.ackByDefault(ctx, &deal)
	default:
		return k.expire(ctx, &deal)
	}
}

func (k Keeper) expirePool(ctx sdk.Context, id uint64) error {
	pool, err := k.pool(ctx, id)
	if err != nil || pool.Status != types.POOL_STATUS_OPEN {
		return err
	}
	if !passed(ctx, pool.ExpiryHeight, pool.ExpiryTime) {
		params, err := k.params.Get(ctx)
		if err != nil {
			return err
		}
		if err := k.watchPool(ctx, &pool, max(pool.ExpiryHeight, later(ctx, pool.ExpiryTime, params.BlockTime))); err != nil {
			return err
		}
		return k.pools.Set(ctx, pool.Id, pool)
	}
	return k.endPool(ctx, &pool, types.POOL_STATUS_EXPIRED, math.ZeroInt())
}

// putOff postpones an item that could not be ended and emits an event. The item stays in the
// queue: its money is accounted for, and an upgrade may repair it.
func (k Keeper) putOff(ctx sdk.Context, entry due, cause error) {
	countFailedDeadline()
	key, retry := entry.K2(), ctx.BlockHeight()+types.ExpiryRetryBlocks
	err := k.queue.Remove(ctx, entry)
	if err == nil {
		err = k.queue.Set(ctx, collections.Join(retry, key))
	}
	if err != nil {
		ctx.Logger().Error("deadline not put off", "module", types.ModuleName, "kind", key.K1(), "id", key.K2(), "error", err)
	}
	codespace, code, _ := errorsmod.ABCIInfo(cause, false)
	failed := &types.EventDeadlineFailed{Codespace: codespace, Code: code, RetryHeight: retry}
	name := "deal_id"
	if key.K1() == poolDeadline {
		failed.PoolId, name = key.K2(), "pool_id"
	} else {
		failed.DealId = key.K2()
	}
	ctx.Logger().Error("deadline not executed", "module", types.ModuleName, name, key.K2(), "retry_height", retry, "error", cause)
	if err := emit(ctx, failed); err != nil {
		ctx.Logger().Error("event not emitted", "module", types.ModuleName, "error", err)
	}
}
