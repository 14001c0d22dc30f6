package types

// DefaultGenesis is a module in which nothing happened yet.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextPoolId: 1, NextDealId: 1}
}

// Validate refuses a state that the module could not have come to.
func (g GenesisState) Validate() error { return g.Params.Validate() }
