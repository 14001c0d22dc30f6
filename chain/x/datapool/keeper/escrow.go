package keeper

import (
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// moveIn moves money of the signer into the module.
func (k Keeper) moveIn(ctx sdk.Context, from sdk.AccAddress, denom string, amount math.Int) error {
	coins := sdk.NewCoins(sdk.NewCoin(denom, amount))
	if err := k.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins); err != nil {
		return errorsmod.Wrap(types.ErrFunds, err.Error())
	}
	return nil
}

// credit adds to the balance that an account may withdraw. deal is 0 for a pool's refund.
func (k Keeper) credit(ctx sdk.Context, account string, amount math.Int, deal uint64) error {
	if amount.IsZero() {
		return nil
	}
	balance, err := k.balance(ctx, account)
	if err != nil {
		return err
	}
	if err := k.balances.Set(ctx, account, balance.Add(amount)); err != nil {
		return err
	}
	return emit(ctx, &types.EventCredited{Address: account, Amount: amount.String(), DealId: deal})
}

// balance returns what an account may withdraw; zero if it never had anything.
func (k Keeper) balance(ctx sdk.Context, account string) (math.Int, error) {
	amount, err := k.balances.Get(ctx, account)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return amount, err
}

// reserve takes the price of a deal out of its pool's escrow.
func (k Keeper) reserve(ctx sdk.Context, deal types.Deal) error {
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil {
		return err
	}
	if err := takesOffers(ctx, pool); err != nil {
		return err
	}
	pool.ReservedCount++
	pool.Escrow = pool.Escrow.Sub(deal.Price)
	return k.pools.Set(ctx, pool.Id, pool)
}

// unreserve returns the price of a deal, but for what its end costs the buyer, to the pool if
// it is open, otherwise to its buyer.
func (k Keeper) unreserve(ctx sdk.Context, deal types.Deal, cost math.Int) error {
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil {
		return err
	}
	if pool.Slots() == 0 {
		pool.FullHeight = ctx.BlockHeight()
	}
	pool.ReservedCount--
	pool.AckCosts = pool.AckCosts.Add(cost)
	if pool.Status == types.POOL_STATUS_OPEN {
		pool.Escrow = pool.Escrow.Add(deal.Price).Sub(cost)
	} else if err := k.credit(ctx, deal.Buyer, deal.Price.Sub(cost), deal.Id); err != nil {
		return err
	}
	return k.pools.Set(ctx, pool.Id, pool)
}

// takesOffers returns an error if a pool is not open or has nothing left to reserve.
func takesOffers(ctx sdk.Context, pool types.Pool) error {
	if !open(ctx, pool) {
		return errorsmod.Wrapf(types.ErrPoolNotOpen, "pool %d is %s and expires at height %d, %s",
			pool.Id, pool.Status, pool.ExpiryHeight, pool.ExpiryTime)
	}
	if pool.Slots() == 0 {
		return errorsmod.Wrapf(types.ErrPoolFull, "pool %d: %d of %d, %s are left", pool.Id, pool.ReservedCount, pool.TargetCount, pool.Escrow)
	}
	return nil
}
