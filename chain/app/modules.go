package app

import (
	"cosmossdk.io/x/feegrant"
	feegrantmodule "cosmossdk.io/x/feegrant/module"
	"cosmossdk.io/x/upgrade"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// newModules lists the modules. The nil arguments are the subspaces of the
// retired params module, which only chains older than this one migrate from.
func (a *App) newModules() *module.Manager {
	cdc, k := a.Codec, a.Keepers
	modules := []module.AppModule{
		genutil.NewAppModule(k.Account, k.Staking, a, a.TxConfig),
		auth.NewAppModule(cdc, k.Account, nil, nil),
		bank.NewAppModule(cdc, k.Bank, k.Account, nil),
		staking.NewAppModule(cdc, k.Staking, k.Account, k.Bank, nil),
		distr.NewAppModule(cdc, k.Distribution, k.Account, k.Bank, k.Staking, nil),
		slashing.NewAppModule(cdc, k.Slashing, k.Account, k.Bank, k.Staking, nil, a.Registry),
		gov.NewAppModule(cdc, k.Gov, k.Account, k.Bank, nil),
		feegrantmodule.NewAppModule(cdc, k.Account, k.Bank, k.FeeGrant, a.Registry),
		authzmodule.NewAppModule(cdc, k.Authz, k.Account, k.Bank, a.Registry),
		consensus.NewAppModule(cdc, k.Consensus),
		upgrade.NewAppModule(k.Upgrade, accountAddress),
	}
	if a.exchange {
		modules = append(modules, a.newDatapool())
	}
	return module.NewManager(modules...)
}

// newBasics returns what the modules know without state. genutil's module leaves out
// how founding transactions are checked.
func newBasics(m *module.Manager) module.BasicManager {
	return module.NewBasicManagerFromManager(m, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
	})
}

// orderModules sets the order in which modules run. Upgrades come before everything of a block;
// rewards are shared out before slashing, so that a slashed chain validator
// keeps what it had earned; staking's end decides on the next set after
// governance may have changed it.
func orderModules(m *module.Manager, exchange bool) {
	m.SetOrderPreBlockers(upgradetypes.ModuleName)
	m.SetOrderBeginBlockers(
		distrtypes.ModuleName, slashingtypes.ModuleName, stakingtypes.ModuleName, authz.ModuleName,
	)
	m.SetOrderEndBlockers(withDatapool(exchange,
		govtypes.ModuleName, stakingtypes.ModuleName, feegrant.ModuleName,
	)...)
	genesis := withDatapool(exchange, genesisOrder()...)
	m.SetOrderInitGenesis(genesis...)
	m.SetOrderExportGenesis(genesis...)
}

// genesisOrder fills accounts and coins first; genutil's transactions make the
// first chain validators and need all that staking touches.
func genesisOrder() []string {
	return []string{
		authtypes.ModuleName, banktypes.ModuleName, distrtypes.ModuleName, stakingtypes.ModuleName,
		slashingtypes.ModuleName, govtypes.ModuleName, genutiltypes.ModuleName, authz.ModuleName,
		feegrant.ModuleName, upgradetypes.ModuleName, consensustypes.ModuleName,
	}
}
