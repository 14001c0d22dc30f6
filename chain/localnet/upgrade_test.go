package localnet_test

import (
	"testing"
	"time"

	upgradetypes "cosmossdk.io/x/upgrade/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestARunningChainGetsTheExchange upgrades a chain that never had the module, in
// the way that the mainnet does: governance plans a height, the old software halts
// there, and the new one goes on with the same databases. Then a dataset is sold.
func TestARunningChainGetsTheExchange(t *testing.T) {
	const interval, voting = 100 * time.Millisecond, 5 * time.Second
	chain := localnettest.Start(t, localnettest.WithBefore(), localnettest.WithBlockInterval(interval), localnettest.WithVotingPeriod(voting))
	_, err := datapooltypes.NewQueryClient(chain.Conn()).Params(t.Context(), &datapooltypes.QueryParamsRequest{})
	require.Equal(t, codes.Unimplemented, status.Code(err))

	// Until then the module's address is one that anybody may send to.
	module := authtypes.NewModuleAddress(datapooltypes.ModuleName).String()
	chain.Exec(t, "buyer", &banktypes.MsgSend{
		FromAddress: string(chain.Account("buyer").Address), ToAddress: module, Amount: sdk.NewCoins(umed(1)),
	})
	height := chain.Height(t) + 3*int64(voting/interval)
	chain.Govern(t, "Add the exchange", &upgradetypes.MsgSoftwareUpgrade{
		Authority: string(localnet.GovernanceAddress()), Plan: upgradetypes.Plan{Name: app.ExchangeUpgrade, Height: height},
	})
	chain.Upgrade(t)

	require.GreaterOrEqual(t, chain.Height(t), height)
	require.Equal(t, datapooltypes.DefaultParams(), params(t, chain))
	upgrades := upgradetypes.NewQueryClient(chain.Conn())
	applied, err := upgrades.AppliedPlan(t.Context(), &upgradetypes.QueryAppliedPlanRequest{Name: app.ExchangeUpgrade})
	require.NoError(t, err)
	require.Equal(t, height, applied.Height)
	versions, err := upgrades.ModuleVersions(t.Context(),
		&upgradetypes.QueryModuleVersionsRequest{ModuleName: datapooltypes.ModuleName})
	require.NoError(t, err)
	require.Equal(t, uint64(1), versions.ModuleVersions[0].Version)

	governShortDeadlines(t, chain, interval)
	sold := sell(t, chain)
	require.Equal(t, sold.Price.Add(sold.Deposit).Uint64()-withdrawable(t, chain, chain.Account("validator").Address),
		withdrawable(t, chain, chain.Account("seller").Address), "price and deposit, without the commission")
	requireSumIsSupply(t, chain)

	// What the upgrade left on disk does not come back with the next start.
	chain.Restart(t)
	require.Equal(t, sold, deal(t, chain))
	chain.WaitHeight(t, chain.Height(t)+2)
}

// governShortDeadlines lets pools of this chain choose deadlines of a second, by a
// proposal, as there is no other way.
func governShortDeadlines(t *testing.T, chain *localnettest.Chain, interval time.Duration) {
	t.Helper()
	short := datapooltypes.DefaultParams()
	short.BlockTime = interval
	for _, d := range []*datapooltypes.Deadlines{&short.MinDeadlines, &short.DefaultDeadlines} {
		d.Dispute = time.Second
	}
	chain.Govern(t, "Short disputes", &datapooltypes.MsgUpdateParams{Authority: string(localnet.GovernanceAddress()), Params: short})
	require.Equal(t, short, params(t, chain))
	other := short
	other.Denom = "uatom"
	ctx := t.Context()
	err := localnet.Govern(ctx, chain.Home, "Another money",
		&datapooltypes.MsgUpdateParams{Authority: string(localnet.GovernanceAddress()), Params: other})
	require.ErrorContains(t, err, "denom")
	require.Equal(t, short, params(t, chain))
}

// TestTheUpgradeIsNotForgotten starts the new software where the old one still has
// to run, and the old one where it has halted: neither touches the chain.
func TestTheUpgradeIsNotForgotten(t *testing.T) {
	cfg := fast(t.TempDir())
	cfg.Before = true
	require.NoError(t, localnet.Init(t.Context(), cfg))
	old := start(t, cfg)
	require.NoError(t, old.Stop(t.Context()))

	early, err := localnet.New(localnet.Config{Home: cfg.Home})
	require.NoError(t, err)
	require.ErrorContains(t, early.Start(t.Context()), "new stores should be added using StoreUpgrades")
	start(t, cfg)
}
