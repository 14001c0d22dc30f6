package keeper_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/internal/fieldlies"
)

// startedFrom begins a chain from a state in the block after a market's last, or says why
// that is refused.
func startedFrom(m *datapooltest.Market, g *types.GenesisState) (*datapooltest.Chain, error) {
	head := m.Head()
	return datapooltest.Start(datapooltest.Config{
		Genesis: g, ModuleHolding: m.Held(), Start: head.Time, Height: head.Height + 1, ChainID: head.ChainID,
	})
}

// TestGenesisKeepsTheTime refuses deadlines and histories that no messages make.
func TestGenesisKeepsTheTime(t *testing.T) {
	m := busyMarket(t)
	in := func(g *types.GenesisState, state types.DealState) *types.Deal {
		return &g.Deals[slices.IndexFunc(g.Deals, func(d types.Deal) bool { return d.State == state && d.Draw == nil })]
	}
	for name, change := range map[string]func(*types.GenesisState){
		"a height that never comes": func(g *types.GenesisState) { in(g, types.DEAL_STATE_ACKED).DeadlineHeight = 1 << 62 },
		"a block too many":          func(g *types.GenesisState) { in(g, types.DEAL_STATE_DELIVERED).DeadlineHeight++ },
		"a second too many": func(g *types.GenesisState) {
			d := in(g, types.DEAL_STATE_ACKED)
			d.DeadlineTime = d.DeadlineTime.Add(time.Second)
		},
		"a second too few": func(g *types.GenesisState) {
			d := in(g, types.DEAL_STATE_OFFERED)
			d.DeadlineTime = d.DeadlineTime.Add(-time.Second)
		},
		"a drawn deal that waits for years": func(g *types.GenesisState) {
			d := &g.Deals[slices.IndexFunc(g.Deals, func(d types.Deal) bool {
				return d.Draw != nil && d.Draw.Height > 0 && d.State == types.DEAL_STATE_OFFERED
			})]
			d.DeadlineTime = d.DeadlineTime.Add(10_000 * time.Hour)
		},
		"from fraud to final": func(g *types.GenesisState) {
			d := in(g, types.DEAL_STATE_FINAL)
			last := d.History[len(d.History)-1]
			fraud := last
			fraud.State = types.DEAL_STATE_FRAUD
			d.History = append(d.History[:len(d.History)-1], fraud, last)
		},
		"a step left out": func(g *types.GenesisState) {
			d := in(g, types.DEAL_STATE_UNDELIVERED)
			d.History = slices.Delete(d.History, 1, 2)
		},
		"back in time": func(g *types.GenesisState) {
			in(g, types.DEAL_STATE_FINAL).History[0].Time = m.Head().Time.Add(time.Hour)
		},
		"back in height":      func(g *types.GenesisState) { in(g, types.DEAL_STATE_FINAL).History[0].Height = m.Head().Height + 1 },
		"no height":           func(g *types.GenesisState) { in(g, types.DEAL_STATE_LAPSED).History[0].Height = 0 },
		"no time":             func(g *types.GenesisState) { in(g, types.DEAL_STATE_LAPSED).History[0].Time = time.Time{} },
		"an ack to come":      func(g *types.GenesisState) { in(g, types.DEAL_STATE_ACKED).AckHeight = m.Head().Height + 1 },
		"a pool full to come": func(g *types.GenesisState) { g.Pools[0].FullHeight = m.Head().Height + 1 },
		"a pool for ever": func(g *types.GenesisState) {
			p := &g.Pools[slices.IndexFunc(g.Pools, func(p types.Pool) bool { return p.Status == types.POOL_STATUS_OPEN })]
			p.ExpiryHeight = 1 << 62
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := m.Export()
			change(g)
			_, err := startedFrom(m, g)
			requireError(t, err, types.ErrGenesis)
		})
	}
	_, err := startedFrom(m, m.Export())
	require.NoError(t, err)
	_, err = datapooltest.Start(datapooltest.Config{Genesis: m.Export(), ModuleHolding: m.Held(), Start: m.Head().Time})
	requireError(t, err, types.ErrGenesis)
}

// ofTime are fields on which it hangs when something ends.
var ofTime = regexp.MustCompile(`Time|Height|Deadlines|State|Status`)

// TestLiesInGenesis changes each field of each record of a state. What is not refused is a
// state in which everything holds, and from which everything ends.
func TestLiesInGenesis(t *testing.T) {
	m := busyMarket(t)
	others := []any{math.NewInt(77), math.ZeroInt(), math.NewInt(-1)}
	taken, refused := 0, 0
	seen := map[string]bool{} // that were run to the end
	try := func(record, field string, change func(*types.GenesisState)) {
		t.Helper()
		g := m.Export()
		change(g)
		chain, err := startedFrom(m, g)
		if err != nil {
			refused++
			return
		}
		taken++
		head := m.Head()
		holds := func(ctx sdk.Context, _ types.QueryServer) error { return chain.Keeper.CheckInvariants(ctx) }
		require.NoError(t, chain.Read(holds), "%s: %s", record, field)
		if seen[field] || !ofTime.MatchString(field) {
			return
		}
		seen[field] = true
		require.NoError(t, chain.Past(head.Height+1500, head.Time), "%s: %s", record, field)
		require.NoError(t, chain.Read(holds), "%s: %s", record, field)
		require.NoError(t, chain.Read(func(ctx sdk.Context, _ types.QueryServer) error {
			after, err := chain.Keeper.ExportGenesis(ctx)
			require.NoError(t, err)
			for _, d := range after.Deals {
				require.True(t, d.State.Ended(), "%s: %s: deal %d is %s", record, field, d.Id, d.State)
			}
			return nil
		}))
	}
	states := map[types.DealState]bool{}
	for i, d := range m.Export().Deals {
		if states[d.State] && d.Draw == nil {
			continue
		}
		states[d.State] = true
		for _, lie := range fieldlies.About(d, others...) {
			try("deal "+d.State.String(), lie.Field, func(g *types.GenesisState) { g.Deals[i] = lie.Value })
		}
	}
	for i, p := range m.Export().Pools {
		for _, lie := range fieldlies.About(p, others...) {
			try("pool "+p.Status.String(), lie.Field, func(g *types.GenesisState) { g.Pools[i] = lie.Value })
		}
	}
	for i, v := range m.Export().Validators {
		for _, lie := range fieldlies.About(v, others...) {
			try("validator "+v.Status.String(), lie.Field, func(g *types.GenesisState) { g.Validators[i] = lie.Value })
		}
	}
	t.Logf("%d refused, %d taken", refused, taken)
	require.Greater(t, refused, taken)
}

// TestZeroHeight begins a chain at height 1 from a state of another height: everything ends
// when it would have ended. The context has no time, like that of an SDK app's export command.
func TestZeroHeight(t *testing.T) {
	m := busyMarket(t)
	head := m.Head()
	var g *types.GenesisState
	require.NoError(t, m.Read(func(ctx sdk.Context, _ types.QueryServer) (err error) {
		ctx = ctx.WithBlockTime(time.Time{})
		if err := m.Keeper.PrepareForZeroHeight(ctx); err != nil {
			return err
		}
		g, err = m.Keeper.ExportGenesis(ctx)
		return err
	}))
	last := map[uint64]time.Time{}
	for i, d := range m.Export().Deals {
		shifted := g.Deals[i]
		if d.Undrawn() {
			require.Equal(t, types.DEAL_STATE_LAPSED, shifted.State)
			continue
		}
		last[d.Id] = d.DeadlineTime
		require.Equal(t, d.DeadlineTime, shifted.DeadlineTime)
		if d.DeadlineHeight > head.Height {
			require.Equal(t, d.DeadlineHeight-head.Height, shifted.DeadlineHeight)
		}
		require.Equal(t, d.AckHeight > 0, shifted.AckHeight == 1)
	}
	again := datapooltest.New(datapooltest.Config{Genesis: g, ModuleHolding: m.Held(), Start: head.Time})
	require.EqualValues(t, 1, again.Head().Height)
	holds := func(ctx sdk.Context, _ types.QueryServer) error { return again.Keeper.CheckInvariants(ctx) }
	require.NoError(t, again.Read(holds))
	require.NoError(t, again.Past(3000, head.Time))
	require.NoError(t, again.Read(holds))
	require.NoError(t, again.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		after, err := again.Keeper.ExportGenesis(ctx)
		for _, d := range after.Deals {
			require.True(t, d.State.Ended(), "deal %d is %s", d.Id, d.State)
			ended := d.History[len(d.History)-1].Time
			require.False(t, ended.Before(last[d.Id]) && d.DeadlineTime.IsZero() && last[d.Id].After(head.Time) && ended.After(head.Time),
				"deal %d ended before its time", d.Id)
		}
		return err
	}))
}
