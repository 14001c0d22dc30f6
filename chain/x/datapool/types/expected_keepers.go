package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BankKeeper is the part of x/bank that the module uses. Money enters with messages and
// leaves with MsgWithdraw only.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, module string, amount sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, recipient sdk.AccAddress, amount sdk.Coins) error
	// GetBalance is read at genesis and by the invariants; never by a message.
	GetBalance(ctx context.Context, account sdk.AccAddress, denom string) sdk.Coin
}
