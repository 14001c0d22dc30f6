package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// announceMissed tells that a validator missed a duty.
func announceMissed(ctx sdk.Context, deal types.Deal, validator string) error {
	return ctx.EventManager().EmitTypedEvent(&types.EventDutyMissed{PoolId: deal.PoolId, DealId: deal.Id, Validator: validator})
}
