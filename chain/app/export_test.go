package app

// AddChange registers an upgrade that changes no store and has no work but the modules'
// migrations.
func (a *App) AddChange(name string) {
	a.Upgrade.SetUpgradeHandler(name, a.upgradeHandler(change{name: name}))
}
