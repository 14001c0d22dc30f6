package app

import (
	"encoding/json"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Genesis is the first state of a chain: one JSON document per module.
type Genesis map[string]json.RawMessage

// DefaultGenesis returns a state without accounts, coins or chain validators.
func (a *App) DefaultGenesis() Genesis { return a.basics.DefaultGenesis(a.Codec) }

// ValidateGenesis checks each module's document by itself, not the documents against each
// other.
func (a *App) ValidateGenesis(genesis Genesis) error {
	return a.basics.ValidateGenesis(a.Codec, a.TxConfig, genesis)
}

func (a *App) initChainer(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var genesis Genesis
	if err := json.Unmarshal(req.AppStateBytes, &genesis); err != nil {
		return nil, fmt.Errorf("read genesis: %w", err)
	}
	if err := a.Upgrade.SetModuleVersionMap(ctx, a.modules.GetVersionMap()); err != nil {
		return nil, fmt.Errorf("record module versions: %w", err)
	}
	return a.modules.InitGenesis(ctx, a.Codec, genesis)
}
