package keeper

import (
	"time"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// enter moves a deal into a state with a deadline after d, or into a final state. It writes
// the deal, its history and its deadline, and emits the event.
func (k Keeper) enter(ctx sdk.Context, deal *types.Deal, state types.DealState, d time.Duration) error {
	return k.enterBy(ctx, deal, state, d, types.ACK_KIND_UNSPECIFIED)
}

// enterBy is enter for a step that may acknowledge the deal.
func (k Keeper) enterBy(ctx sdk.Context, deal *types.Deal, state types.DealState, d time.Duration, by types.AckKind) error {
	if err := k.countStep(ctx, *deal, deal.State, state); err != nil {
		return err
	}
	if deal.Challenged() {
		if err := k.dropChallenge(ctx, deal); err != nil {
			return err
		}
	}
	deal.State = state
	deal.History = append(deal.History, types.StateChange{State: state, Height: ctx.BlockHeight(), Time: ctx.BlockTime()})
	if err := k.setDeadline(ctx, deal, d); err != nil {
		return err
	}
	if state.Ended() {
		if err := k.unbind(ctx, *deal); err != nil {
			return err
		}
		if err := k.unlist(ctx, *deal); err != nil {
			return err
		}
	}
	if err := k.deals.Set(ctx, deal.Id, *deal); err != nil {
		return err
	}
	err := emit(ctx, &types.EventDealState{
		PoolId: deal.PoolId, DealId: deal.Id, State: state, Seller: deal.Seller, Buyer: deal.Buyer, AckedBy: by,
	})
	if err == nil {
		k.afterEnter(ctx, *deal)
	}
	return err
}

func (k Keeper) setDeadline(ctx sdk.Context, deal *types.Deal, d time.Duration) error {
	if deal.State.Ended() {
		deal.DeadlineHeight, deal.DeadlineTime = 0, time.Time{}
		return k.unwatch(ctx, collections.Join(dealDeadline, deal.Id), &deal.QueuedHeight)
	}
	deal.DeadlineHeight, deal.DeadlineTime = deadlineAfter(ctx, d, deal.BlockTime)
	return k.watchDeal(ctx, deal, deal.DeadlineHeight)
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
// rest of its escrow, but for what is held for its offers, to the buyer.
func (k Keeper) endPool(ctx sdk.Context, pool *types.Pool, status types.PoolStatus, held math.Int) error {
	refund := pool.Escrow.Sub(held)
	if err := k.poolsBy.leave(ctx, *pool, pool.Status); err != nil {
		return err
	}
	pool.Status, pool.Escrow = status, math.ZeroInt()
	if err := k.poolsBy.enter(ctx, *pool); err != nil {
		return err
	}
	if err := k.unwatch(ctx, collections.Join(poolDeadline, pool.Id), &pool.QueuedHeight); err != nil {
		return err
	}
	if err := k.pools.Set(ctx, pool.Id, *pool); err != nil {
		return err
	}
	if err := k.credit(ctx, pool.Buyer, refund, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolStatus{PoolId: pool.Id, Status: status, Refund: refund.String()})
}

// holdRoot enters a deal under its ciphertext's root and dataset key, unless another one of
// the pool holds them.
func (k Keeper) holdRoot(ctx sdk.Context, deal types.Deal) error {
	at := collections.Join(deal.PoolId, deal.Dataset.RootKey())
	taken, err := k.roots.Has(ctx, at)
	if err != nil {
		return err
	}
	if taken {
		return errorsmod.Wrapf(types.ErrRootSeen, "pool %d", deal.PoolId)
	}
	return k.roots.Set(ctx, at, deal.Id)
}

// holdTag enters a certified deal under the duplicate tag on which its accepts agree, if
// they do. Each of them was refused if another deal held the tag, so none does.
func (k Keeper) holdTag(ctx sdk.Context, deal types.Deal) error {
	tag := deal.Tag()
	if tag == nil {
		return nil
	}
	return k.tags.Set(ctx, collections.Join(deal.PoolId, tag), deal.Id)
}

// free removes the root and the tag of a deal that ends without its seller's fault, so that
// the dataset can be offered again. It is called before the deal enters its last state.
func (k Keeper) free(ctx sdk.Context, deal types.Deal) error {
	if err := k.roots.Remove(ctx, collections.Join(deal.PoolId, deal.Dataset.RootKey())); err != nil {
		return err
	}
	if tag := deal.Tag(); tag != nil {
		return k.tags.Remove(ctx, collections.Join(deal.PoolId, tag))
	}
	return nil
}
