package app

import (
	"context"
	"fmt"

	storetypes "cosmossdk.io/store/types"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"github.com/cosmos/cosmos-sdk/types/module"
)

// change is one planned upgrade of the software: its name in the governance
// plan, the stores it adds, renames or deletes, and what it does to the state
// beyond the modules' own migrations.
type change struct {
	name   string
	stores storetypes.StoreUpgrades
	adjust func(ctx context.Context, a *App) error
}

// changes lists the upgrades this software knows, oldest first.
func (a *App) changes() []change {
	if !a.exchange {
		return nil
	}
	return []change{exchangeChange}
}

// setUpgrades registers every upgrade and, when the chain stopped for one of
// them, has its stores changed as they are loaded.
func (a *App) setUpgrades() error {
	halted, err := a.Upgrade.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("read upgrade plan: %w", err)
	}
	for _, u := range a.changes() {
		a.Upgrade.SetUpgradeHandler(u.name, a.upgradeHandler(u))
		if halted.Name == u.name {
			a.SetStoreLoader(upgradetypes.UpgradeStoreLoader(halted.Height, &u.stores))
		}
	}
	return nil
}

func (a *App) upgradeHandler(u change) upgradetypes.UpgradeHandler {
	return func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
		if u.adjust != nil {
			if err := u.adjust(ctx, a); err != nil {
				return nil, fmt.Errorf("upgrade %s: %w", u.name, err)
			}
		}
		return a.modules.RunMigrations(ctx, a.configurator, from)
	}
}
