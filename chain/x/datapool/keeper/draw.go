package keeper

import (
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// DrawOf returns the parts of a deal's draw, for whoever repeats it. The offer's hash covers
// the dataset, so its byte fields must have their lengths.
func DrawOf(chainID string, deal types.Deal) attest.Draw {
	offered := attest.Offered{
		ChainID: chainID, Pool: pdx.PoolID(deal.PoolId), Deal: pdx.DealID(deal.Id),
		Seller: pdx.Address(deal.Seller), Dataset: dataset(deal.Dataset),
	}
	return attest.Draw{ChainID: chainID, Preimage: deal.Draw.Preimage, Offer: offered.Hash(), Block: deal.Draw.BlockHash}
}

// preimageFor returns the buyer's part of the draw of a deal that waits for it, and
// whether it can be drawn now: the last reveal reaches the deal's draw block, or the wait
// for it is over and the draw is without the buyer's part.
func preimageFor(ctx sdk.Context, pool types.Pool, deal types.Deal) (preimage []byte, ok bool) {
	if served(pool, deal) {
		return pool.DrawCommitment, true
	}
	return nil, late(ctx, deal)
}

// served reports whether the last preimage that the buyer revealed is the one of a deal
// that waits for its draw.
func served(pool types.Pool, deal types.Deal) bool { return deal.DrawBlockHeight() <= pool.DrawHeight }

// draw selects a deal's validators at random among its candidates. The certify deadline runs
// from here. A deal that cannot be certified lapses at once, without a draw and without
// duties: its pool takes no more, or too few candidates are left.
func (k Keeper) draw(ctx sdk.Context, deal *types.Deal, pool types.Pool, preimage []byte) error {
	candidates, err := k.candidates(ctx, *deal)
	if err != nil {
		return err
	}
	if takesOffers(ctx, pool) != nil || len(candidates) < int(deal.Draw.Count) {
		return k.lapse(ctx, deal)
	}
	ctx.GasMeter().ConsumeGas(types.DrawGas, "draw")
	if deal.Draw.BlockHash, err = k.leaveDraw(ctx, *deal); err != nil {
		return err
	}
	deal.Draw.Height, deal.Draw.Preimage = ctx.BlockHeight(), preimage
	deal.Validators = types.Select(DrawOf(ctx.ChainID(), *deal).Seed(), candidates, deal.Draw.Count)
	if err := k.list(ctx, *deal); err != nil {
		return err
	}
	if err := k.setDeadline(ctx, deal, deal.Deadlines.Certify); err != nil {
		return err
	}
	if err := k.deals.Set(ctx, deal.Id, *deal); err != nil {
		return err
	}
	drawn := &types.EventDrawn{PoolId: deal.PoolId, DealId: deal.Id, Revealed: len(preimage) != 0}
	for _, v := range deal.Validators {
		drawn.Validators = append(drawn.Validators, v.Address)
	}
	return emit(ctx, drawn)
}

// candidates returns those of a deal's candidates that could accept it now.
func (k Keeper) candidates(ctx sdk.Context, deal types.Deal) ([]types.AcceptedValidator, error) {
	least, err := k.leastBond(ctx)
	if err != nil {
		return nil, err
	}
	var able []types.AcceptedValidator
	for _, c := range deal.Draw.Candidates {
		v, err := k.validators.Get(ctx, c.Address)
		if errors.Is(err, collections.ErrNotFound) || (err == nil && v.Status != types.VALIDATOR_STATUS_BONDED) {
			continue
		}
		if err != nil {
			return nil, err
		}
		has, err := k.hasStake(ctx, v, deal, least)
		if err != nil {
			return nil, err
		}
		if has {
			able = append(able, c)
		}
	}
	return able, nil
}

// drawDue draws a deal whose wait for the buyer is over.
func (k Keeper) drawDue(ctx sdk.Context, deal *types.Deal) error {
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil {
		return err
	}
	preimage, _ := preimageFor(ctx, pool, *deal)
	return k.draw(ctx, deal, pool, preimage)
}
