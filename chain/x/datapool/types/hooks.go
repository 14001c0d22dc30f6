package types

import "context"

// Hooks are what other modules do after a deal has ended. A hook cannot undo that: it runs in
// a store of its own with at most HookGas, and if it fails or panics, what it did is dropped
// and the deal's step goes on.
type Hooks interface {
	// AfterDealFinal is called when a deal is FINAL: it is paid out.
	AfterDealFinal(ctx context.Context, deal Deal) error
	// AfterConviction is called when a deal is FRAUD: its price went back.
	AfterConviction(ctx context.Context, deal Deal) error
}

// HooksWrapper lets a module that is wired by depinject give hooks.
type HooksWrapper struct{ Hooks }

// IsOnePerModuleType marks the wrapper for depinject.
func (HooksWrapper) IsOnePerModuleType() {}
