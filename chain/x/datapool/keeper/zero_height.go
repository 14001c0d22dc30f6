package keeper

import (
	"context"
	"reflect"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// PrepareForZeroHeight makes the state one from which a chain can begin at height 1. An app
// calls it before it exports for zero height, on a context that it drops.
//
// Every height h that the state names becomes max(1, h − H), where H is the present one: what
// is past stays past, and a deadline has as many blocks left as it had. Times stay, so a
// deadline passes when it would have, and no money waits for heights of the old chain. Deals that
// wait for their draw lapse: the blocks that it needs are on the old chain. A reveal of a
// buyer is over with them.
// Signatures and proofs that name old heights do not hold on the new chain, nor would they
// on another chain id.
//
// The context needs the height of the last block. Its time may be missing, as it is in the
// export commands of SDK apps.
func (k Keeper) PrepareForZeroHeight(c context.Context) error {
	ctx := sdk.UnwrapSDKContext(c)
	last, err := k.lastStep(ctx)
	if err != nil {
		return err
	}
	if ctx.BlockTime().Before(last) {
		ctx = ctx.WithBlockTime(last)
	}
	if err := k.lapseUndrawn(ctx); err != nil {
		return err
	}
	g, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	shiftHeights(reflect.ValueOf(g).Elem(), ctx.BlockHeight())
	for _, v := range g.Validators {
		if err := k.validators.Set(ctx, v.Address, v); err != nil {
			return err
		}
	}
	for _, p := range g.Pools {
		p.DrawHeight, p.RevealHeight = 0, 0
		if err := k.pools.Set(ctx, p.Id, p); err != nil {
			return err
		}
	}
	for _, d := range g.Deals {
		if err := k.deals.Set(ctx, d.Id, d); err != nil {
			return err
		}
	}
	return nil
}

// lastStep returns the time of the last step of any deal.
func (k Keeper) lastStep(ctx sdk.Context) (last time.Time, err error) {
	err = k.deals.Walk(ctx, nil, func(_ uint64, deal types.Deal) (bool, error) {
		if at := deal.History[len(deal.History)-1].Time; at.After(last) {
			last = at
		}
		return false, nil
	})
	return last, err
}

func (k Keeper) lapseUndrawn(ctx sdk.Context) error {
	var waiting []poolDeal
	err := k.undrawn.Walk(ctx, nil, func(key poolDeal) (bool, error) {
		waiting = append(waiting, key)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, key := range waiting {
		deal, err := k.deal(ctx, key.K2())
		if err != nil {
			return err
		}
		if err := k.lapse(ctx, &deal); err != nil {
			return err
		}
	}
	return nil
}

// shiftHeights shifts each height within v, however deep: a field of a record that is added
// later is shifted by its name.
func shiftHeights(v reflect.Value, by int64) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch {
			case !field.IsExported():
			case field.Type.Kind() == reflect.Int64 && strings.HasSuffix(field.Name, "Height"):
				if h := v.Field(i).Int(); h != 0 {
					v.Field(i).SetInt(max(1, h-by))
				}
			default:
				shiftHeights(v.Field(i), by)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			shiftHeights(v.Elem(), by)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range v.Len() {
				shiftHeights(v.Index(i), by)
			}
		}
	}
}
