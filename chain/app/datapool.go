package app

import (
	"context"

	storetypes "cosmossdk.io/store/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/medibloc/pdx/chain/x/datapool"
	datapoolkeeper "github.com/medibloc/pdx/chain/x/datapool/keeper"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// This file is all that a chain adds to have the exchange, and what
// docs/guides/panacea.md quotes: a store, a module account, a keeper, a module with
// its places in the orders, and the upgrade that brings them to a running chain.
// An App without it (NewBefore) is the software that such a chain ran before.

// ExchangeUpgrade names the upgrade that adds the exchange, in the governance's plan.
const ExchangeUpgrade = "datapool"

// exchangeChange is that upgrade. Beyond the new store nothing has to be migrated:
// the module starts with its default genesis.
var exchangeChange = change{
	name:   ExchangeUpgrade,
	stores: storetypes.StoreUpgrades{Added: []string{datapooltypes.StoreKey}},
	adjust: claimModuleAccount,
}

// addKeeper makes the module's keeper; only governance changes its parameters.
func (k *Keepers) addKeeper(w wiring) {
	k.Datapool = datapoolkeeper.NewKeeper(w.Codec, w.store(datapooltypes.StoreKey), accountAddress, k.Bank, w.authority)
}

// newDatapool returns the module.
func (a *App) newDatapool() module.AppModule {
	return datapool.NewAppModule(a.Codec, a.Keepers.Datapool, a.Account)
}

// withDatapool gives the module the last place of an order: its end blocker comes
// after all that moves coins, its genesis after the bank's, whose coins it counts.
func withDatapool(exchange bool, order ...string) []string {
	if !exchange {
		return order
	}
	return append(order, datapooltypes.ModuleName)
}

// claimModuleAccount makes the account at the module's address the module's.
// Before the upgrade the address is one like any other and anybody can send to it;
// the bank would refuse the module an account that is somebody's, and with it every
// message that pays. The coins that are there stay, and harm nobody.
func claimModuleAccount(ctx context.Context, a *App) error {
	address := authtypes.NewModuleAddress(datapooltypes.ModuleName)
	there := a.Account.GetAccount(ctx, address)
	if there == nil {
		a.Account.GetModuleAccount(ctx, datapooltypes.ModuleName)
		return nil
	}
	base := authtypes.NewBaseAccount(address, nil, there.GetAccountNumber(), there.GetSequence())
	a.Account.SetModuleAccount(ctx, authtypes.NewModuleAccount(base, datapooltypes.ModuleName))
	return nil
}
