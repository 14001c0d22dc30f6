package simulation

import (
	"math/rand"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"
	"github.com/cosmos/cosmos-sdk/x/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// A Module is the data pool module as the simulation framework drives it.
type Module struct {
	keeper   keeper.Keeper
	queries  types.QueryServer
	accounts simulation.AccountKeeper
	txConfig client.TxConfig
	check    Check
	secrets  *secrets
	counts   map[string]int
	refusals map[string]int
	planned  *bool
}

var _ module.AppModuleSimulation = Module{}

// AccountKeeper gives the sequences of those who sign.
type AccountKeeper = simulation.AccountKeeper

// Check selects what is checked after each operation.
type Check bool

// What is checked.
const (
	// EveryInvariant checks all invariants of the module after each operation.
	EveryInvariant Check = true
	// NoInvariant checks none: for the second run of a simulation whose first run checked
	// them.
	NoInvariant Check = false
)

// NewModule wires the module for one simulation.
func NewModule(k keeper.Keeper, accounts simulation.AccountKeeper, txConfig client.TxConfig, check Check) Module {
	return Module{
		keeper: k, queries: keeper.NewQueryServer(k), accounts: accounts, txConfig: txConfig, check: check,
		secrets: newSecrets(), counts: map[string]int{}, refusals: map[string]int{}, planned: new(bool),
	}
}

// Counts returns how many messages of each type the module accepted, by type URL.
func (m Module) Counts() map[string]int { return m.counts }

// Refusals returns how many operations found nothing to do or were refused, by the
// operation's name and the reason.
func (m Module) Refusals() map[string]int { return m.refusals }

// RegisterStoreDecoder registers the decoder with which the framework prints records of the
// store.
func (m Module) RegisterStoreDecoder(registry simtypes.StoreDecoderRegistry) {
	registry[types.StoreKey] = simtypes.NewStoreDecoderFuncFromCollectionsSchema(m.keeper.Schema())
}

// WeightedOperations returns an operation for every message.
func (m Module) WeightedOperations(state module.SimulationState) []simtypes.WeightedOperation {
	var list []simtypes.WeightedOperation
	for _, op := range m.operations() {
		weight := op.weight
		state.AppParams.GetOrGenerate("op_weight_datapool_"+op.name, &weight, state.Rand, func(*rand.Rand) {})
		list = append(list, simulation.NewWeightedOperation(weight, m.operation(op)))
	}
	return list
}

// attempt makes a message of a state, and says who signs it; a nil message means
// that the state has no use for one.
type attempt func(scene) (sdk.Msg, simtypes.Account)

// op is an operation by name.
type op struct {
	name   string
	weight int
	make   attempt
}

// operations has a message for each method of the service. Weights are such that
// deals come to every state, and frauds stay rarer than sales.
func (m Module) operations() []op {
	return []op{
		{"register_validator", 20, m.registerValidator},
		{"update_validator", 3, m.updateValidator},
		{"add_bond", 15, m.addBond},
		{"set_commission", 5, m.setCommission},
		{"set_conditions", 3, m.setConditions},
		{"unbond", 3, m.unbond},
		{"unjail", 20, m.unjail},
		{"create_pool", 12, m.createPool},
		{"close_pool", 2, m.closePool},
		{"offer", 40, m.offer},
		{"draw", 45, m.draw},
		{"withdraw_offer", 4, m.withdrawOffer},
		{"certify", 120, m.certify},
		{"ack", 12, m.ack},
		{"default_ack", 25, m.defaultAck},
		{"challenge", 20, m.challenge},
		{"answer", 12, m.answer},
		{"deliver", 40, m.deliver},
		{"deliver_on_voucher", 15, m.deliverOnVoucher},
		{"complain", 20, m.complain},
		{"finalize", 10, m.finalize},
		{"expire", 10, m.expire},
		{"withdraw", 15, m.withdraw},
		{"update_params", 2, m.updateParams},
	}
}
