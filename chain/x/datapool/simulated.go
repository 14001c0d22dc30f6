package datapool

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/simulation"
)

var _ module.AppModuleSimulation = AppModule{}

// simulated returns the module as the simulation framework drives it.
func (m AppModule) simulated(state module.SimulationState) simulation.Module {
	return simulation.NewModule(m.keeper, m.accounts, state.TxConfig, simulation.NoInvariant)
}

// GenerateGenesisState begins without pools, under random parameters.
func (m AppModule) GenerateGenesisState(state *module.SimulationState) {
	m.simulated(*state).GenerateGenesisState(state)
}

// RegisterStoreDecoder registers the decoder with which the framework prints records of the
// store.
func (m AppModule) RegisterStoreDecoder(registry simtypes.StoreDecoderRegistry) {
	m.simulated(module.SimulationState{}).RegisterStoreDecoder(registry)
}

// WeightedOperations returns an operation for every message.
func (m AppModule) WeightedOperations(state module.SimulationState) []simtypes.WeightedOperation {
	return m.simulated(state).WeightedOperations(state)
}
