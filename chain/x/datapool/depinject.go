package datapool

import (
	"fmt"
	"maps"
	"slices"

	"cosmossdk.io/core/address"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/store"
	"cosmossdk.io/depinject"

	"github.com/cosmos/cosmos-sdk/codec"
	sdkaddress "github.com/cosmos/cosmos-sdk/types/address"

	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/modulepb"
	"github.com/medibloc/pdx/chain/x/datapool/simulation"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func init() {
	appmodule.Register(&modulepb.Module{}, appmodule.Provide(ProvideModule), appmodule.Invoke(InvokeSetHooks))
}

// Inputs are what an app that is wired by depinject gives to the module.
type Inputs struct {
	depinject.In

	Config    *modulepb.Module
	Codec     codec.Codec
	Store     store.KVStoreService
	Addresses address.Codec
	Bank      types.BankKeeper
	Accounts  simulation.AccountKeeper `optional:"true"`
}

// Outputs are what the module gives to the app.
type Outputs struct {
	depinject.Out

	Keeper keeper.Keeper
	Module appmodule.AppModule
}

// ProvideModule makes keeper and module.
func ProvideModule(in Inputs) (Outputs, error) {
	authority, err := authorityOf(in.Config.GetAuthority(), in.Addresses)
	if err != nil {
		return Outputs{}, err
	}
	k := keeper.NewKeeper(in.Codec, in.Store, in.Addresses, in.Bank, authority)
	return Outputs{Keeper: k, Module: NewAppModule(in.Codec, k, in.Accounts)}, nil
}

// InvokeSetHooks sets the hooks of all modules that give some, in the order of their names.
func InvokeSetHooks(k keeper.Keeper, hooks map[string]types.HooksWrapper) {
	var ordered []types.Hooks
	for _, name := range slices.Sorted(maps.Keys(hooks)) {
		ordered = append(ordered, hooks[name])
	}
	if len(ordered) > 0 {
		k.SetHooks(ordered...)
	}
}

// authorityOf returns the address of the authority that is configured: itself, or that of
// the module with this name.
func authorityOf(configured string, addresses address.Codec) (string, error) {
	if configured == "" {
		configured = "gov"
	}
	if _, err := addresses.StringToBytes(configured); err == nil {
		return configured, nil
	}
	text, err := addresses.BytesToString(sdkaddress.Module(configured))
	if err != nil {
		return "", fmt.Errorf("datapool: authority %q: %w", configured, err)
	}
	return text, nil
}
