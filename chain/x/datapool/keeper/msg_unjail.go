package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Unjail lets a validator certify again that has sat its time and has a bond.
func (s msgServer) Unjail(c context.Context, msg *types.MsgUnjail) (*types.MsgUnjailResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	v, err := s.validator(ctx, msg.Validator)
	if err != nil {
		return nil, err
	}
	if v.Status != types.VALIDATOR_STATUS_JAILED {
		return nil, errorsmod.Wrapf(types.ErrNotJailed, "%s is %s", v.Address, v.Status)
	}
	if ctx.BlockTime().Before(v.JailedUntil) {
		return nil, errorsmod.Wrapf(types.ErrJailTime, "until %s", v.JailedUntil)
	}
	least, err := s.leastBond(ctx)
	if err != nil {
		return nil, err
	}
	if v.Bond.LT(least) {
		return nil, errorsmod.Wrapf(types.ErrBond, "%s is left, %s is the least", v.Bond, least)
	}
	return &types.MsgUnjailResponse{}, s.setStatus(ctx, v, types.VALIDATOR_STATUS_BONDED)
}
