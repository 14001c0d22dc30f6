package keeper

import (
	"time"

	"github.com/cosmos/cosmos-sdk/telemetry"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// What a chain's operator sees of the end of a block. Nothing of it enters the state.

// measureEndBlock measures how long the end of a block takes.
func measureEndBlock(began time.Time) {
	telemetry.ModuleMeasureSince(types.ModuleName, began, telemetry.MetricKeyEndBlocker)
}

// showQueue shows how many items a block handles, and how many blocks the oldest of them
// has waited: the rest of the queue is not counted, for that would walk it.
func showQueue(ctx sdk.Context, due int, oldest int64) {
	waited := int64(0)
	if due > 0 {
		waited = ctx.BlockHeight() - oldest
	}
	telemetry.ModuleSetGauge(types.ModuleName, float32(due), "deadlines", "due")
	telemetry.ModuleSetGauge(types.ModuleName, float32(waited), "deadlines", "behind", "blocks")
}

func countFailedDeadline() { telemetry.IncrCounter(1, types.ModuleName, "deadlines", "failed") }

func countFailedHook() { telemetry.IncrCounter(1, types.ModuleName, "hooks", "failed") }
