package app

import (
	"encoding/json"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// ExportHeight says where a chain begins that starts from an export.
type ExportHeight bool

// Where it begins.
const (
	// SameHeight: at the height after the last committed block.
	SameHeight ExportHeight = false
	// ZeroHeight: at height 1. Heights of the exchange are shifted.
	ZeroHeight ExportHeight = true
)

// Export returns the state after the last committed block, as a genesis that a new
// chain may begin from.
func (a *App) Export(begin ExportHeight) (servertypes.ExportedApp, error) {
	last := a.LastBlockHeight()
	ctx, height := a.NewContextLegacy(true, cmtproto.Header{Height: last}), last+1
	if begin == ZeroHeight {
		height = 1
		if err := a.Datapool.PrepareForZeroHeight(ctx); err != nil {
			return servertypes.ExportedApp{}, fmt.Errorf("prepare for zero height: %w", err)
		}
	}
	genesis, err := a.modules.ExportGenesis(ctx, a.Codec)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("export state: %w", err)
	}
	state, err := json.MarshalIndent(genesis, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("write state: %w", err)
	}
	validators, err := staking.WriteValidators(ctx, a.Staking)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("export chain validators: %w", err)
	}
	return servertypes.ExportedApp{
		AppState:        state,
		Validators:      validators,
		Height:          height,
		ConsensusParams: a.GetConsensusParams(ctx),
	}, nil
}
