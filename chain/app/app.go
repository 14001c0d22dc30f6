package app

import (
	"fmt"
	"sync"

	"cosmossdk.io/log"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
)

var _ servertypes.Application = (*App)(nil)

// App is the application: CometBFT drives it through its embedded BaseApp.
type App struct {
	*baseapp.BaseApp
	Encoding
	Keepers

	modules      *module.Manager
	basics       module.BasicManager
	exchange     bool // see datapool.go
	configurator module.Configurator
	services     queryServices
	committing   sync.RWMutex // see concurrency.go
}

// New wires the application over db and loads its last committed state. home is the
// directory in which the upgrade module writes its plan for the next binary. The caller
// must close the App, which closes db.
func New(logger log.Logger, db dbm.DB, home string, options ...func(*baseapp.BaseApp)) (*App, error) {
	return newApp(logger, db, home, true, options...)
}

// NewBefore returns the application without the exchange, as it was before the upgrade that
// adds it. It halts at the height of a plan named ExchangeUpgrade; New continues from
// there.
func NewBefore(logger log.Logger, db dbm.DB, home string, options ...func(*baseapp.BaseApp)) (*App, error) {
	return newApp(logger, db, home, false, options...)
}

func newApp(logger log.Logger, db dbm.DB, home string, exchange bool, options ...func(*baseapp.BaseApp)) (*App, error) {
	encoding, err := NewEncoding()
	if err != nil {
		return nil, err
	}
	base := baseapp.NewBaseApp(Name, logger, db, encoding.TxConfig.TxDecoder(), options...)
	base.SetInterfaceRegistry(encoding.Registry)
	base.SetTxEncoder(encoding.TxConfig.TxEncoder())
	keys := storeKeys(exchange)
	a := &App{BaseApp: base, Encoding: encoding, exchange: exchange, services: queryServices{router: base.GRPCQueryRouter()}}
	a.Keepers = newKeepers(wiring{
		Encoding: encoding, keys: keys, base: base, logger: logger, home: home,
		authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), exchange: exchange,
	})
	base.SetParamStore(a.Consensus.ParamsStore)
	base.MountKVStores(keys)
	if err := a.wireModules(); err != nil {
		return nil, err
	}
	if err := base.LoadLatestVersion(); err != nil {
		return nil, fmt.Errorf("load state: %w", err)
	}
	return a, nil
}

// wireModules connects the modules to the routers and to the course of a block.
func (a *App) wireModules() error {
	a.modules = a.newModules()
	orderModules(a.modules, a.exchange)
	a.basics = newBasics(a.modules)
	a.basics.RegisterLegacyAminoCodec(a.Amino)
	a.basics.RegisterInterfaces(a.Registry)
	a.configurator = module.NewConfigurator(a.Codec, a.MsgServiceRouter(), &a.services)
	if err := a.registerServices(); err != nil {
		return err
	}
	ante, err := a.newAnte()
	if err != nil {
		return err
	}
	a.SetAnteHandler(ante)
	a.SetInitChainer(a.initChainer)
	a.SetPreBlocker(func(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		return a.modules.PreBlock(ctx)
	})
	a.SetBeginBlocker(a.modules.BeginBlock)
	a.SetEndBlocker(a.modules.EndBlock)
	return a.setUpgrades()
}

// AutoCLI describes every module's queries and messages for a command line.
func (a *App) AutoCLI() autocli.AppOptions {
	modules := make(map[string]appmodule.AppModule, len(a.modules.Modules))
	for name, m := range a.modules.Modules {
		if am, ok := m.(appmodule.AppModule); ok {
			modules[name] = am
		}
	}
	return autocli.AppOptions{
		Modules:               modules,
		AddressCodec:          accountAddress,
		ValidatorAddressCodec: validatorAddress,
		ConsensusAddressCodec: consensusAddress,
	}
}
