package app_test

import (
	"context"
	"testing"

	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	authmodulev1 "cosmossdk.io/api/cosmos/auth/module/v1"
	"cosmossdk.io/core/appconfig"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	"github.com/cosmos/cosmos-sdk/testutil/configurator"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config" // registers the transactions' configuration
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/modulepb"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// exchange adds the module to an app that is wired by depinject.
func exchange(config *configurator.Config) {
	config.ModuleConfigs["auth"].Config = appconfig.WrapAny(&authmodulev1.Module{
		Bech32Prefix: "panacea",
		ModuleAccountPermissions: []*authmodulev1.ModuleAccountPermission{
			{Account: authtypes.FeeCollectorName},
			{Account: types.ModuleName},
			{Account: "bonded_tokens_pool", Permissions: []string{"burner", "staking"}},
			{Account: "not_bonded_tokens_pool", Permissions: []string{"burner", "staking"}},
		},
	})
	config.ModuleConfigs[types.ModuleName] = &appv1alpha1.ModuleConfig{
		Name: types.ModuleName, Config: appconfig.WrapAny(&modulepb.Module{}),
	}
	config.EndBlockersOrder = append(config.EndBlockersOrder, types.ModuleName)
	config.InitGenesisOrder = append(config.InitGenesisOrder, types.ModuleName)
}

// listener is a module with hooks.
type listener struct{ finals int }

func (l *listener) AfterDealFinal(context.Context, types.Deal) error  { l.finals++; return nil }
func (l *listener) AfterConviction(context.Context, types.Deal) error { return nil }

// ProvideListener gives the hooks to depinject, which calls exported functions only.
func ProvideListener() types.HooksWrapper { return types.HooksWrapper{Hooks: &listener{}} }

// TestWiredByDepinject starts an app from a configuration: the module has its store, its
// genesis and its end blocker, and governance is its authority.
func TestWiredByDepinject(t *testing.T) {
	var k keeper.Keeper
	a, err := simtestutil.Setup(depinject.Configs(
		configurator.NewAppConfig(configurator.AuthModule(), configurator.BankModule(), configurator.StakingModule(),
			configurator.ConsensusModule(), configurator.TxModule(), exchange),
		depinject.Supply(log.NewNopLogger()),
		depinject.ProvideInModule("listener", ProvideListener),
	), &k)
	require.NoError(t, err)
	require.Equal(t, authtypes.NewModuleAddress("gov").String(), k.Authority())
	g, err := k.ExportGenesis(a.NewContext(true))
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), g)
	require.Panics(t, func() { k.SetHooks(&listener{}) }, "the hooks of the modules are set")
	wired := a.ModuleManager.Modules[types.ModuleName]
	require.Implements(t, (*appmodule.AppModule)(nil), wired)
	require.Implements(t, (*appmodule.HasEndBlocker)(nil), wired)
}

// TestASimulationFindsTheModule has it among the modules of an app.
func TestASimulationFindsTheModule(t *testing.T) {
	modules := map[string]any{}
	for name, m := range newApp(t).AutoCLI().Modules {
		modules[name] = m
	}
	found := module.NewSimulationManagerFromAppModules(modules, nil)
	found.RegisterStoreDecoders()
	require.Contains(t, found.StoreDecoders, types.ModuleName)
}
