package keeper

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// SetHooks sets what other modules do after a deal has ended, in order. It is called once,
// when the app is wired, and panics when it is called again.
func (k Keeper) SetHooks(hooks ...types.Hooks) {
	if *k.hooks != nil {
		panic("datapool: hooks are set already")
	}
	*k.hooks = hooks
}

// afterEnter calls the hooks of the state that a deal has entered. Nothing that a hook does
// or fails at changes the step.
func (k Keeper) afterEnter(ctx sdk.Context, deal types.Deal) {
	for i, hooks := range *k.hooks {
		var call func(context.Context, types.Deal) error
		switch {
		case deal.State == types.DEAL_STATE_FINAL:
			call = hooks.AfterDealFinal
		case deal.Conviction != nil: // of a fraud or a broken promise
			call = hooks.AfterConviction
		default:
			return
		}
		if err := callHook(ctx, deal, call); err != nil {
			countFailedHook()
			ctx.Logger().Error("hook failed", "module", types.ModuleName, "hook", i, "deal_id", deal.Id, "state", deal.State.String(), "error", err)
		}
	}
}

// callHook runs a hook in a store and with gas of its own. The sender of a message does not
// pay for it, since it does not choose the hooks.
func callHook(parent sdk.Context, deal types.Deal, call func(context.Context, types.Deal) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errorsmod.Wrap(types.ErrPanic, fmt.Sprint(r))
		}
	}()
	ctx, write := parent.CacheContext()
	if err := call(ctx.WithGasMeter(storetypes.NewGasMeter(types.HookGas)), deal); err != nil {
		return err
	}
	write()
	return nil
}
