package keeper

import (
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// draw selects a deal's validators at random among its candidates that could accept now, with
// the hash of this block, which is later than the offer's. The certify deadline runs from
// here. A deal that cannot be certified lapses at once, without a draw and without duties: its
// pool takes no more, or too few candidates are bonded and have a stake left.
func (k Keeper) draw(ctx sdk.Context, key deadlineKey) error {
	deal, err := k.deal(ctx, key.K2())
	if err != nil {
		return err
	}
	if err := k.unwatch(ctx, dealDraw, deal.Id); err != nil || !deal.Undrawn() {
		return err
	}
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil {
		return err
	}
	candidates, err := k.able(ctx, deal)
	if err != nil {
		return err
	}
	if takesOffers(ctx, pool) != nil || len(candidates) < int(deal.RequiredCertificates) {
		return k.lapse(ctx, &deal)
	}
	hash := ctx.HeaderInfo().Hash
	seed := types.DrawSeed{ChainID: ctx.ChainID(), BlockHash: hash, Deal: deal.Id}
	deal.Validators = seed.Select(candidates, deal.Draw.Count)
	deal.Draw.Height, deal.Draw.BlockHash = ctx.BlockHeight(), hash
	if err := k.list(ctx, deal); err != nil {
		return err
	}
	if err := k.setDeadline(ctx, &deal, deal.Deadlines.Certify); err != nil {
		return err
	}
	if err := k.deals.Set(ctx, deal.Id, deal); err != nil {
		return err
	}
	drawn := &types.EventDrawn{PoolId: deal.PoolId, DealId: deal.Id}
	for _, v := range deal.Validators {
		drawn.Validators = append(drawn.Validators, v.Address)
	}
	return ctx.EventManager().EmitTypedEvent(drawn)
}

// able returns the candidates that could accept a deal now.
func (k Keeper) able(ctx sdk.Context, deal types.Deal) ([]types.AcceptedValidator, error) {
	var able []types.AcceptedValidator
	for _, c := range deal.Draw.Candidates {
		v, err := k.validators.Get(ctx, c.Address)
		if errors.Is(err, collections.ErrNotFound) || (err == nil && v.Status != types.VALIDATOR_STATUS_BONDED) {
			continue
		}
		if err != nil {
			return nil, err
		}
		has, err := k.hasStake(ctx, v, deal)
		if err != nil {
			return nil, err
		}
		if has {
			able = append(able, c)
		}
	}
	return able, nil
}

// blameMissing counts a missed duty of every validator that was drawn for a deal and gave no
// verdict in time, and jails validators with too many in a row. Nobody is blamed if there was
// a time since the draw at which the pool was full or closed: the chain would have refused an
// accept.
func (k Keeper) blameMissing(ctx sdk.Context, deal types.Deal) error {
	if deal.Draw == nil {
		return nil
	}
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil || takesOffers(ctx, pool) != nil || pool.FullHeight >= deal.Draw.Height {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	for _, drawn := range deal.Validators {
		if slices.ContainsFunc(deal.Certificates, func(c types.Certificate) bool { return c.Validator == drawn.Address }) {
			continue
		}
		if err := k.missDuty(ctx, drawn.Address, deal, params); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) missDuty(ctx sdk.Context, address string, deal types.Deal, params types.Params) error {
	v, err := k.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil || v.Status != types.VALIDATOR_STATUS_BONDED {
		return err // a validator that may not certify has no duty
	}
	if has, err := k.hasStake(ctx, v, deal); err != nil || !has {
		return err // its accept would have been refused
	}
	v.MissedDuties++
	if params.MaxMissedDuties == 0 || v.MissedDuties < params.MaxMissedDuties {
		return k.validators.Set(ctx, address, v)
	}
	v.MissedDuties = 0
	return k.jail(ctx, v, params.JailTime)
}

// doDuty resets the count of missed duties.
func (k Keeper) doDuty(ctx sdk.Context, deal types.Deal, v types.Validator) error {
	if deal.Draw == nil || v.MissedDuties == 0 {
		return nil
	}
	v.MissedDuties = 0
	return k.validators.Set(ctx, v.Address, v)
}
