package app

import (
	"encoding/json"
	"fmt"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// Export returns the state after the last committed block, as a genesis that a new
// chain may begin from at the height after it.
func (a *App) Export() (servertypes.ExportedApp, error) {
	ctx := a.NewContext(true)
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
		Height:          a.LastBlockHeight() + 1,
		ConsensusParams: a.GetConsensusParams(ctx),
	}, nil
}
