package keeper

import (
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// announceMissed tells that a validator missed a duty.
func announceMissed(ctx sdk.Context, deal types.Deal, validator string) error {
	return emit(ctx, &types.EventDutyMissed{PoolId: deal.PoolId, DealId: deal.Id, Validator: validator})
}

// emit emits an event of the module.
func emit(ctx sdk.Context, event proto.Message) error {
	written, err := types.EventOf(event)
	if err == nil {
		ctx.EventManager().EmitEvent(written)
	}
	return err
}
