package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Withdraw pays out the signer's balance, the bond of a validator that left and
// is free included: the only way by which money leaves.
func (s msgServer) Withdraw(c context.Context, msg *types.MsgWithdraw) (*types.MsgWithdrawResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	account, err := s.account(msg.Address)
	if err != nil {
		return nil, err
	}
	if err := s.releaseBond(ctx, msg.Address); err != nil {
		return nil, err
	}
	amount, err := s.balance(ctx, msg.Address)
	if err != nil {
		return nil, err
	}
	if amount.IsZero() {
		return nil, errorsmod.Wrap(types.ErrNothingToWithdraw, msg.Address)
	}
	params, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.balances.Remove(ctx, msg.Address); err != nil {
		return nil, err
	}
	paid := sdk.NewCoin(params.Denom, amount)
	if err := s.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, account, sdk.NewCoins(paid)); err != nil {
		return nil, err
	}
	return &types.MsgWithdrawResponse{Amount: paid}, emit(ctx, &types.EventWithdrawn{Address: msg.Address, Amount: amount.String()})
}
