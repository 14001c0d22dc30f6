package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// leastBond returns the least bond of validators that have one already. It is the parameter,
// or what that was before a raise until the notice of the raise is over. Nothing happens to a
// validator at that time: it is held against the bond when it would certify or be drawn.
func (k Keeper) leastBond(ctx sdk.Context) (math.Int, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return math.Int{}, err
	}
	notice, err := k.pendingBond(ctx)
	if err != nil || notice == nil {
		return params.MinBond, err
	}
	return notice.Former, nil
}

// pendingBond returns the notice of a raise that does not hold for all yet; nil if there is
// none.
func (k Keeper) pendingBond(ctx sdk.Context) (*types.BondNotice, error) {
	notice, err := k.bondNotice.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	if err != nil || !ctx.BlockTime().Before(notice.Time) {
		return nil, err
	}
	return &notice, nil
}

// checkLeastBond refuses a validator whose bond has become too small.
func checkLeastBond(v types.Validator, least math.Int) error {
	if v.Bond.LT(least) {
		return errorsmod.Wrapf(types.ErrBondRaised, "%s has %s, %s is the least", v.Address, v.Bond, least)
	}
	return nil
}

// giveNotice records a raise of the least bond before the parameters change. A second raise
// begins the notice anew, from what holds now; a decrease holds at once.
func (k Keeper) giveNotice(ctx sdk.Context, before, after types.Params) error {
	if after.MinBond.Equal(before.MinBond) {
		return nil
	}
	least, err := k.leastBond(ctx)
	if err != nil {
		return err
	}
	if after.MinBond.LTE(least) {
		return k.bondNotice.Remove(ctx)
	}
	return k.bondNotice.Set(ctx, types.BondNotice{Former: least, Time: ctx.BlockTime().Add(after.BondNotice)})
}

// exportNotice returns the notice as it is stored.
func (k Keeper) exportNotice(ctx context.Context) (*types.BondNotice, error) {
	notice, err := k.bondNotice.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	return &notice, err
}
