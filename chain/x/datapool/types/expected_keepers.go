package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BankKeeper is what the module needs of x/bank. Money comes in with the
// message that brings it and leaves with MsgWithdraw only.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, module string, amount sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, recipient sdk.AccAddress, amount sdk.Coins) error
	// GetBalance is read at genesis and by the invariants; never by a message.
	GetBalance(ctx context.Context, account sdk.AccAddress, denom string) sdk.Coin
}
