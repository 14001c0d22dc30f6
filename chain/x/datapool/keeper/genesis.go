package keeper

import (
	"context"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// InitGenesis writes a validated state and rebuilds every index.
func (k Keeper) InitGenesis(ctx context.Context, g *types.GenesisState) error {
	return k.params.Set(ctx, g.Params)
}

// ExportGenesis reads the whole state.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	g := types.DefaultGenesis()
	var err error
	g.Params, err = k.params.Get(ctx)
	return g, err
}
