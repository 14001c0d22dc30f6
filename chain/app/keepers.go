package app

import (
	"maps"

	"cosmossdk.io/core/store"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	"cosmossdk.io/x/feegrant"
	feegrantkeeper "cosmossdk.io/x/feegrant/keeper"
	upgradekeeper "cosmossdk.io/x/upgrade/keeper"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/runtime"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/medibloc/pdx"
	datapoolkeeper "github.com/medibloc/pdx/chain/x/datapool/keeper"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// Keepers give access to each module's state.
type Keepers struct {
	Account      authkeeper.AccountKeeper
	Bank         bankkeeper.BaseKeeper
	Staking      *stakingkeeper.Keeper
	Distribution distrkeeper.Keeper
	Slashing     slashingkeeper.Keeper
	Gov          *govkeeper.Keeper
	FeeGrant     feegrantkeeper.Keeper
	Authz        authzkeeper.Keeper
	Consensus    consensuskeeper.Keeper
	Upgrade      *upgradekeeper.Keeper
	Datapool     datapoolkeeper.Keeper
}

// moduleAccounts are the accounts that modules own, and what each may do with coins.
var moduleAccounts = map[string][]string{
	authtypes.FeeCollectorName:     nil,
	distrtypes.ModuleName:          nil,
	stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
	stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	govtypes.ModuleName:            {authtypes.Burner},
}

// accountsOfModules returns those, and the exchange's if the software has it; it may
// neither mint nor burn.
func accountsOfModules(exchange bool) map[string][]string {
	all := maps.Clone(moduleAccounts)
	if exchange {
		all[datapooltypes.ModuleName] = nil
	}
	return all
}

// blockedAccounts may not be sent to: all module accounts but the
// governance's, which legacy proposals fund.
func blockedAccounts(accounts map[string][]string) map[string]bool {
	blocked := make(map[string]bool, len(accounts))
	for name := range accounts {
		if name != govtypes.ModuleName {
			blocked[authtypes.NewModuleAddress(name).String()] = true
		}
	}
	return blocked
}

func storeKeys(exchange bool) map[string]*storetypes.KVStoreKey {
	names := []string{
		authtypes.StoreKey, banktypes.StoreKey, stakingtypes.StoreKey, distrtypes.StoreKey,
		slashingtypes.StoreKey, govtypes.StoreKey, feegrant.StoreKey, authzkeeper.StoreKey,
		consensustypes.StoreKey, upgradetypes.StoreKey,
	}
	if exchange {
		names = append(names, datapooltypes.StoreKey)
	}
	return storetypes.NewKVStoreKeys(names...)
}

// wiring is what every keeper is made from.
type wiring struct {
	Encoding
	keys   map[string]*storetypes.KVStoreKey
	base   *baseapp.BaseApp
	logger log.Logger
	home   string
	// authority is the governance account: it alone changes parameters.
	authority string
	exchange  bool
}

func (w wiring) store(name string) store.KVStoreService {
	return runtime.NewKVStoreService(w.keys[name])
}

// newKeepers makes the keepers from the ground up: accounts, coins, stake,
// then what is built on them.
func newKeepers(w wiring) Keepers {
	var k Keepers
	accounts := accountsOfModules(w.exchange)
	k.Consensus = consensuskeeper.NewKeeper(w.Codec, w.store(consensustypes.StoreKey), w.authority, runtime.EventService{})
	k.Account = authkeeper.NewAccountKeeper(w.Codec, w.store(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		accounts, accountAddress, pdx.AddressPrefix, w.authority)
	k.Bank = bankkeeper.NewBaseKeeper(w.Codec, w.store(banktypes.StoreKey), k.Account, blockedAccounts(accounts), w.authority, w.logger)
	k.stake(w)
	k.govern(w)
	k.FeeGrant = feegrantkeeper.NewKeeper(w.Codec, w.store(feegrant.StoreKey), k.Account).SetBankKeeper(k.Bank)
	k.Authz = authzkeeper.NewKeeper(w.store(authzkeeper.StoreKey), w.Codec, w.base.MsgServiceRouter(), k.Account).SetBankKeeper(k.Bank)
	if w.exchange {
		k.addKeeper(w)
	}
	return k
}

// stake makes staking and the two modules that follow its delegations.
func (k *Keepers) stake(w wiring) {
	k.Staking = stakingkeeper.NewKeeper(w.Codec, w.store(stakingtypes.StoreKey), k.Account, k.Bank, w.authority,
		validatorAddress, consensusAddress)
	k.Distribution = distrkeeper.NewKeeper(w.Codec, w.store(distrtypes.StoreKey), k.Account, k.Bank, k.Staking,
		authtypes.FeeCollectorName, w.authority)
	k.Slashing = slashingkeeper.NewKeeper(w.Codec, w.Amino, w.store(slashingtypes.StoreKey), k.Staking, w.authority)
	k.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(k.Distribution.Hooks(), k.Slashing.Hooks()))
}

// govern makes governance and what only governance decides.
func (k *Keepers) govern(w wiring) {
	k.Upgrade = upgradekeeper.NewKeeper(nil, w.store(upgradetypes.StoreKey), w.Codec, w.home, w.base, w.authority)
	k.Gov = govkeeper.NewKeeper(w.Codec, w.store(govtypes.StoreKey), k.Account, k.Bank, k.Staking, k.Distribution,
		w.base.MsgServiceRouter(), govtypes.DefaultConfig(), w.authority)
	k.Gov.SetLegacyRouter(govv1beta1.NewRouter().AddRoute(govtypes.RouterKey, govv1beta1.ProposalHandler))
}
