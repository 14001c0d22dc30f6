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
	for _, key := range due {
		if err := k.endApart(ctx, key); err != nil {
			k.putOff(ctx, key, err)
		}
	}
	return nil
}

// due lists the items to handle in this block, oldest first, and shows operators the queue.
func (k Keeper) due(ctx sdk.Context, limit int) ([]deadlineKey, error) {
	until := collections.NewPrefixUntilPairRange[int64, deadlineKey](ctx.BlockHeight())
	var keys []deadlineKey
	var oldest int64
	err := k.deadlines.Indexes.Height.Walk(ctx, until, func(height int64, key deadlineKey) (stop bool, err error) {
		if len(keys) == 0 {
			oldest = height
		}
		keys = append(keys, key)
		return len(keys) >= limit, nil
	})
	showQueue(ctx, len(keys), oldest)
	return keys, err
}

// endApart ends one item in a store of its own, which is written only on success. A panic
// counts as an error of the item.
func (k Keeper) endApart(parent sdk.Context, key deadlineKey) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errorsmod.Wrap(types.ErrPanic, fmt.Sprint(r))
		}
	}()
	ctx, write := parent.CacheContext()
	end := k.endDeal
	if key.K1() == poolDeadline {
		end = k.expirePool
	}
	if err := end(ctx, key); err != nil {
		return err
	}
	write()
	return nil
}

func (k Keeper) endDeal(ctx sdk.Context, key deadlineKey) error {
	deal, err := k.deal(ctx, key.K2())
	if err != nil {
		return err
	}
	if deal.State.Ended() {
		return k.unwatch(ctx, dealDeadline, deal.Id)
	}
	if c := deal.Challenge; deal.Challenged() {
		if !passed(ctx, c.DeadlineHeight, c.DeadlineTime) {
			return k.watchAgain(ctx, key, c.DeadlineTime, deal.BlockTime)
		}
		return k.breakPromise(ctx, &deal)
	}
	if !late(ctx, deal) {
		return k.watchAgain(ctx, key, deal.DeadlineTime, deal.BlockTime)
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

func (k Keeper) expirePool(ctx sdk.Context, key deadlineKey) error {
	pool, err := k.pool(ctx, key.K2())
	if err != nil {
		return err
	}
	if pool.Status != types.POOL_STATUS_OPEN {
		return k.unwatch(ctx, poolDeadline, pool.Id)
	}
	if !passed(ctx, pool.ExpiryHeight, pool.ExpiryTime) {
		params, err := k.params.Get(ctx)
		if err != nil {
			return err
		}
		return k.watchAgain(ctx, key, pool.ExpiryTime, params.BlockTime)
	}
	return k.endPool(ctx, &pool, types.POOL_STATUS_EXPIRED, math.ZeroInt())
}

// putOff postpones an item that could not be ended and emits an event. The item stays in the
// queue: its money is accounted for, and an upgrade may repair it.
func (k Keeper) putOff(ctx sdk.Context, key deadlineKey, cause error) {
	countFailedDeadline()
	retry := ctx.BlockHeight() + types.ExpiryRetryBlocks
	if err := k.deadlines.Set(ctx, key, retry); err != nil {
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
	if err := ctx.EventManager().EmitTypedEvent(failed); err != nil {
		ctx.Logger().Error("event not emitted", "module", types.ModuleName, "error", err)
	}
}
