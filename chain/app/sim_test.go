package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"reflect"
	"strconv"
	"testing"
	"testing/cryptotest"
	"time"

	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	"github.com/cosmos/cosmos-sdk/x/gov"
	"github.com/cosmos/cosmos-sdk/x/simulation"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	"github.com/cosmos/cosmos-sdk/x/staking"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/app"
	datapoolsim "github.com/medibloc/pdx/chain/x/datapool/simulation"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

const simChain = "panacea-sim-1"

// fromEnv returns a number that make sim gives, or what a quick test takes.
func fromEnv(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// keepOperations writes what operations did into what is committed: the framework
// of this SDK runs them between FinalizeBlock, which has written already, and
// Commit, which would drop them.
func keepOperations(base *baseapp.BaseApp) {
	base.SetPrecommiter(func(ctx sdk.Context) { ctx.MultiStore().(storetypes.CacheMultiStore).Write() })
}

func newSimApp(t *testing.T) *app.App {
	t.Helper()
	a, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), t.TempDir(), baseapp.SetChainID(simChain), keepOperations)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

// simulated is an app after a simulation, and what it did.
type simulated struct {
	*app.App
	counts map[string]int
}

// simulate runs the exchange at random for so many blocks. Accounts and coins
// are the SDK's; the operations are the exchange's alone, so that its state
// grows as fast as it can.
func simulate(t *testing.T, seed int64, blocks int, check datapoolsim.Check) simulated {
	t.Helper()
	cryptotest.SetGlobalRandom(t, uint64(seed)) // proofs are drawn from crypto/rand
	a := newSimApp(t)
	exchange := datapoolsim.NewModule(a.Datapool, a.Account, a.TxConfig, check)
	manager := module.NewSimulationManager(
		auth.NewAppModule(a.Codec, a.Account, plainAccounts, nil),
		bank.NewAppModule(a.Codec, a.Bank, a.Account, nil),
		staking.NewAppModule(a.Codec, a.Staking, a.Account, a.Bank, nil),
		distr.NewAppModule(a.Codec, a.Distribution, a.Account, a.Bank, a.Staking, nil),
		slashing.NewAppModule(a.Codec, a.Slashing, a.Account, a.Bank, a.Staking, nil, a.Registry),
		gov.NewAppModule(a.Codec, a.Gov, a.Account, a.Bank, nil),
		exchange,
	)
	manager.RegisterStoreDecoders()
	require.Contains(t, manager.StoreDecoders, "datapool")
	state := module.SimulationState{AppParams: simtypes.AppParams{}, Cdc: a.Codec, TxConfig: a.TxConfig, Rand: rand.New(rand.NewSource(seed))}
	defer func() { t.Log(exchange.Refusals()) }() // the framework tells no error of what was planned
	_, _, err := simulation.SimulateFromSeed(t, io.Discard, a.BaseApp,
		simtestutil.AppStateFn(a.Codec, manager, a.DefaultGenesis()), fewAccounts,
		exchange.WeightedOperations(state), map[string]bool{},
		simtypes.Config{
			Seed: seed, InitialBlockHeight: 1, NumBlocks: blocks, BlockSize: 20,
			ChainID: simChain, Lean: true, Commit: true,
		}, a.Codec)
	require.NoError(t, err)
	return simulated{App: a, counts: exchange.Counts()}
}

// fewAccounts meet one another often.
func fewAccounts(r *rand.Rand, n int) []simtypes.Account {
	return simtypes.RandomAccounts(r, min(n, 50))
}

// plainAccounts returns what the chain has: it knows no vesting ones.
func plainAccounts(state *module.SimulationState) authtypes.GenesisAccounts {
	var accounts authtypes.GenesisAccounts
	for _, account := range state.Accounts {
		accounts = append(accounts, authtypes.NewBaseAccountWithAddress(account.Address))
	}
	return accounts
}

// TestSimulation holds random runs against the invariants after every
// operation, what they come to against an export and import, and each against
// itself: the same seed gives the same app hash. The second run checks no
// invariants, so that it also shows that checking leaves no trace.
func TestSimulation(t *testing.T) {
	blocks, seeds := fromEnv(t, "PDX_SIM_BLOCKS", 40), fromEnv(t, "PDX_SIM_SEEDS", 1)
	counts, reached := map[string]int{}, map[string]int{}
	for seed := range int64(seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			began := time.Now()
			a := simulate(t, seed, blocks, datapoolsim.EveryInvariant)
			requireSameAfterImport(t, a.App)
			requireZeroHeight(t, a.App)
			again := simulate(t, seed, blocks, datapoolsim.NoInvariant)
			require.Equal(t, a.LastCommitID().Hash, again.LastCommitID().Hash, "two runs of one seed")
			require.Equal(t, a.counts, again.counts)
			taken := 0
			for msg, n := range a.counts {
				counts[msg] += n
				taken += n
			}
			countReached(t, a.App, reached)
			t.Logf("%d blocks, %d messages, app hash %X, %v", blocks, taken, a.LastCommitID().Hash, time.Since(began).Round(time.Millisecond))
		})
	}
	t.Log(counts)
	t.Log(reached)
	require.Greater(t, len(counts), 8, "too little happened")
	if seeds >= 10 { // fewer may never meet a queue that is behind
		require.Len(t, counts, reflect.TypeFor[types.MsgServer]().NumMethod(), "some message was never taken")
		for _, kind := range everything() {
			require.Positive(t, reached[kind], "%s was never reached", kind)
		}
	}
}

// requireSameAfterImport starts a chain from the export of another and wants the
// same export of it, and the same store to the byte: indexes, claims and queue are
// rebuilt and not exported. Only at which height the queue looks at an item may
// differ, since one that was put off is looked at sooner.
func requireSameAfterImport(t *testing.T, a *app.App) {
	t.Helper()
	exported, err := a.Export(app.SameHeight)
	require.NoError(t, err)
	again := imported(t, a, exported)
	var before, after map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(exported.AppState, &before))
	ctx := again.NewContext(false)
	require.NoError(t, again.Datapool.CheckInvariants(ctx))
	state, err := again.Datapool.ExportGenesis(ctx)
	require.NoError(t, err)
	after = map[string]json.RawMessage{"datapool": again.Codec.MustMarshalJSON(state)}
	require.JSONEq(t, string(before["datapool"]), string(after["datapool"]))

	ctx.MultiStore().(storetypes.CacheMultiStore).Write()
	require.Equal(t, stored(t, a), stored(t, again))
}

// imported starts a chain from an export of another.
func imported(t *testing.T, a *app.App, exported servertypes.ExportedApp) *app.App {
	t.Helper()
	var state map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(exported.AppState, &state))
	var g types.GenesisState
	a.Codec.MustUnmarshalJSON(state[types.ModuleName], &g)
	var now time.Time // of the last step
	for _, d := range g.Deals {
		if last := d.History[len(d.History)-1].Time; last.After(now) {
			now = last
		}
	}
	again := newSimApp(t)
	_, err := again.InitChain(&abci.RequestInitChain{
		ChainId: simChain, InitialHeight: exported.Height, AppStateBytes: exported.AppState, ConsensusParams: &exported.ConsensusParams,
		Time: now,
	})
	require.NoError(t, err)
	return again
}

// requireZeroHeight starts a chain at height 1 from the state of another.
func requireZeroHeight(t *testing.T, a *app.App) {
	t.Helper()
	exported, err := a.Export(app.ZeroHeight)
	require.NoError(t, err)
	require.EqualValues(t, 1, exported.Height)
	again := imported(t, a, exported)
	ctx := again.NewContext(false)
	require.NoError(t, again.Datapool.CheckInvariants(ctx))
	state, err := again.Datapool.ExportGenesis(ctx)
	require.NoError(t, err)
	for _, d := range state.Deals {
		require.EqualValues(t, 1, d.History[len(d.History)-1].Height, "what is past stays so")
	}
}
