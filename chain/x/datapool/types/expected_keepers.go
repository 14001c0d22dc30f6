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

// Hooks are what other modules do after a deal has ended. A hook cannot undo that: it runs in
// a store of its own with at most HookGas, and if it fails or panics, what it did is dropped
// and the deal's step goes on.
type Hooks interface {
	// AfterDealFinal is called when a deal is FINAL: it is paid out.
	AfterDealFinal(ctx context.Context, deal Deal) error
	// AfterConviction is called when a deal is FRAUD, or UNACKED by a broken promise: its
	// price went back, and its validators were slashed.
	AfterConviction(ctx context.Context, deal Deal) error
}

// HooksWrapper lets a module that is wired by depinject give hooks.
type HooksWrapper struct{ Hooks }

// IsOnePerModuleType marks the wrapper for depinject.
func (HooksWrapper) IsOnePerModuleType() {}
