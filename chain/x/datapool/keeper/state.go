package keeper

import (
	"time"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// enter moves a deal into a state with a deadline after d, or into a final state. It writes
// the deal, its history and its deadline, and emits the event.
func (k Keeper) enter(ctx sdk.Context, deal *types.Deal, state types.DealState, d time.Duration) error {
	deal.State = state
	deal.History = append(deal.History, types.StateChange{State: state, Height: ctx.BlockHeight(), Time: ctx.BlockTime()})
	if err := k.setDeadline(ctx, deal, d); err != nil {
		return err
	}
	if state.Ended() {
		if err := k.unbind(ctx, *deal); err != nil {
			return err
		}
	}
	if err := k.deals.Set(ctx, deal.Id, *deal); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventDealState{
		PoolId: deal.PoolId, DealId: deal.Id, State: state, Seller: deal.Seller, Buyer: deal.Buyer,
	})
}

func (k Keeper) setDeadline(ctx sdk.Context, deal *types.Deal, d time.Duration) error {
	if deal.State.Ended() {
		deal.DeadlineHeight, deal.DeadlineTime = 0, time.Time{}
		return k.unwatch(ctx, dealDeadline, deal.Id)
	}
	deal.DeadlineHeight, deal.DeadlineTime = deadlineAfter(ctx, d, deal.BlockTime)
	return k.watch(ctx, dealDeadline, deal.Id, deal.DeadlineHeight)
}

// late reports whether the deadline of a deal's state has passed, so that anybody may end it.
func late(ctx sdk.Context, deal types.Deal) bool {
	return passed(ctx, deal.DeadlineHeight, deal.DeadlineTime)
}

// open reports whether a pool takes offers and reservations: it is open and its
// expiry has not passed, executed or not.
func open(ctx sdk.Context, pool types.Pool) bool {
	return pool.Status == types.POOL_STATUS_OPEN && !passed(ctx, pool.ExpiryHeight, pool.ExpiryTime)
}

// endPool moves an open pool into a status in which it accepts no offers, and credits the
// rest of its escrow to the buyer.
func (k Keeper) endPool(ctx sdk.Context, pool *types.Pool, status types.PoolStatus) error {
	refund := pool.Escrow
	pool.Status, pool.Escrow = status, refund.Sub(refund)
	if err := k.pools.Set(ctx, pool.Id, *pool); err != nil {
		return err
	}
	if err := k.unwatch(ctx, poolDeadline, pool.Id); err != nil {
		return err
	}
	if err := k.credit(ctx, pool.Buyer, refund, 0); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventPoolStatus{PoolId: pool.Id, Status: status, Refund: refund.String()})
}

// enter enters a deal under a ciphertext's root or a duplicate tag of its pool.
// It reports whether another deal was there first.
func enter(
	ctx sdk.Context, index collections.Map[collections.Pair[uint64, []byte], uint64], deal types.Deal, key []byte,
) (taken bool, err error) {
	at := collections.Join(deal.PoolId, key)
	has, err := index.Has(ctx, at)
	if err != nil {
		return false, err
	}
	if !has {
		return false, index.Set(ctx, at, deal.Id)
	}
	holder, err := index.Get(ctx, at)
	return holder != deal.Id, err
}

// free removes the root and the tags of a deal that was not certified, so that the dataset
// can be offered again.
func (k Keeper) free(ctx sdk.Context, deal types.Deal) error {
	if err := k.roots.Remove(ctx, collections.Join(deal.PoolId, deal.Dataset.Root)); err != nil {
		return err
	}
	for _, tag := range deal.Tags() {
		if err := k.tags.Remove(ctx, collections.Join(deal.PoolId, tag)); err != nil {
			return err
		}
	}
	return nil
}
