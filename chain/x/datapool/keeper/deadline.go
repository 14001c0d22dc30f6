package keeper

import (
	"context"
	"errors"
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

// watch makes the end blocker handle an item after a height.
func (k Keeper) watch(ctx context.Context, kind, id uint64, height int64) error {
	return k.deadlines.Set(ctx, collections.Join(kind, id), height+1)
}

// unwatch removes an item from the queue, if it is there.
func (k Keeper) unwatch(ctx context.Context, kind, id uint64) error {
	err := k.deadlines.Remove(ctx, collections.Join(kind, id))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}

// watchAgain postpones an item whose height has passed but not its time: to the height at
// which the time should have passed, and at least to the next block.
func (k Keeper) watchAgain(ctx sdk.Context, key deadlineKey, t time.Time, block time.Duration) error {
	blocks := max(1, types.Blocks(t.Sub(ctx.BlockTime()), block))
	return k.deadlines.Set(ctx, key, ctx.BlockHeight()+blocks)
}
