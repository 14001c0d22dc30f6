package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// deadlineAfter is the height and the time that lie d ahead.
func deadlineAfter(ctx sdk.Context, d, block time.Duration) (int64, time.Time) {
	return ctx.BlockHeight() + types.Blocks(d, block), ctx.BlockTime().Add(d)
}

// passed reports whether this block lies beyond both: a chain that stood still
// moved its clock and not its height, one that raced the reverse, and neither
// shortens what somebody was promised.
func passed(ctx sdk.Context, height int64, t time.Time) bool {
	return ctx.BlockHeight() > height && ctx.BlockTime().After(t)
}

// watch has the end blocker look at an item after height.
func (k Keeper) watch(ctx context.Context, kind, id uint64, height int64) error {
	return k.deadlines.Set(ctx, collections.Join(kind, id), height+1)
}

// unwatch takes an item out of the queue; one that is not in it is fine.
func (k Keeper) unwatch(ctx context.Context, kind, id uint64) error {
	err := k.deadlines.Remove(ctx, collections.Join(kind, id))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}

// watchAgain puts off an item whose height has passed but not its time: to when
// the time should have passed, and at least to the next block.
func (k Keeper) watchAgain(ctx sdk.Context, key deadlineKey, t time.Time, block time.Duration) error {
	blocks := max(1, types.Blocks(t.Sub(ctx.BlockTime()), block))
	return k.deadlines.Set(ctx, key, ctx.BlockHeight()+blocks)
}
