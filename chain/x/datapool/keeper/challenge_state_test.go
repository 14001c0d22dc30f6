package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/internal/fieldlies"
)

// challengedIn returns a market whose deal's last challenge is in a state.
func challengedIn(t *testing.T, state types.ChallengeState) (*datapooltest.Market, uint64) {
	t.Helper()
	m, id := challengedMarket(t)
	m.Must(m.NewChallenge(id, 3, 64))
	switch state {
	case types.CHALLENGE_STATE_ANSWERED:
		m.Must(m.NewAnswer(id, m.Validators[0]))
	case types.CHALLENGE_STATE_UNANSWERED:
		pastChallenge(m, id)
		nextBlock(t, m)
	case types.CHALLENGE_STATE_ACKED:
		m.Ack(id)
	}
	require.Equal(t, state, m.Deal(id).Challenge.State)
	return m, id
}

var challengeStates = []types.ChallengeState{
	types.CHALLENGE_STATE_OPEN, types.CHALLENGE_STATE_ANSWERED, types.CHALLENGE_STATE_UNANSWERED, types.CHALLENGE_STATE_ACKED,
}

// TestLiesAboutChallengesInGenesis changes each field of challenges and their terms. What is
// not refused is a state in which everything holds.
func TestLiesAboutChallengesInGenesis(t *testing.T) {
	refused, taken := 0, 0
	for _, state := range challengeStates {
		m, id := challengedIn(t, state)
		for _, lie := range fieldlies.About(m.Export().Deals[id-1], math.NewInt(77), math.ZeroInt()) {
			if !strings.Contains(lie.Field, "Challenge") {
				continue
			}
			g := m.Export()
			g.Deals[id-1] = lie.Value
			chain, err := startedFrom(m, g)
			if err != nil {
				refused++
				continue
			}
			taken++
			holds := func(ctx sdk.Context, _ types.QueryServer) error { return chain.Keeper.CheckInvariants(ctx) }
			require.NoError(t, chain.Read(holds), "%s: %s", state, lie.Field)
			deal := lie.Value
			require.NoError(t, chain.Past(max(deal.DeadlineHeight, m.Head().Height)+1, deal.DeadlineTime))
			require.NoError(t, chain.Read(holds), "%s: %s", state, lie.Field)
		}
	}
	t.Logf("%d refused, %d taken", refused, taken)
	require.Greater(t, refused, taken)
}

// TestChallengesAreExported: a chain that begins with an exported state, at the next height or
// at 1, goes on with challenges as they were.
func TestChallengesAreExported(t *testing.T) {
	for _, state := range challengeStates {
		m, id := challengedIn(t, state)
		again, err := startedFrom(m, m.Export())
		require.NoError(t, err)
		require.NoError(t, again.Read(func(ctx sdk.Context, _ types.QueryServer) error {
			g, err := again.Keeper.ExportGenesis(ctx)
			require.Equal(t, m.Export(), g)
			return err
		}))
		var g *types.GenesisState
		require.NoError(t, m.Read(func(ctx sdk.Context, _ types.QueryServer) (err error) {
			if err := m.Keeper.PrepareForZeroHeight(ctx); err != nil {
				return err
			}
			g, err = m.Keeper.ExportGenesis(ctx)
			return err
		}))
		first := datapooltest.New(datapooltest.Config{Genesis: g, ModuleHolding: m.Held(), Start: m.Head().Time})
		c := m.Deal(id).Challenge
		require.NoError(t, first.Past(0, c.DeadlineTime.Add(datapooltest.BlockTime)))
		require.NoError(t, first.Past(c.DeadlineHeight-m.Head().Height+1, c.DeadlineTime))
		require.NoError(t, first.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
			require.NoError(t, err)
			if state == types.CHALLENGE_STATE_OPEN {
				require.Equal(t, types.DEAL_STATE_UNACKED, resp.Deal.State, "in its time")
			}
			return first.Keeper.CheckInvariants(ctx)
		}))
	}
}

// TestChallengedDealsAreListed for those who can answer, and while they can.
func TestChallengedDealsAreListed(t *testing.T) {
	m, id := challengedMarket(t)
	m.SealedIn(types.DEAL_STATE_CERTIFIED, datapooltest.Seal([]byte("not challenged")))
	list := func(v pdx.Address) (ids []uint64) {
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Deals(ctx, &types.QueryDealsRequest{Validator: string(v), Challenged: true})
			require.NoError(t, err)
			for _, d := range resp.Deals {
				ids = append(ids, d.Id)
			}
			return nil
		}))
		return ids
	}
	require.Empty(t, list(m.Validators[0]))
	m.Must(m.NewChallenge(id, 0))
	require.Equal(t, []uint64{id}, list(m.Validators[0]))
	require.Equal(t, []uint64{id}, list(m.Validators[1]))
	require.Empty(t, list(m.Validators[2]))
	m.Must(m.NewAnswer(id, m.Validators[1]))
	require.Empty(t, list(m.Validators[0]))
	for _, bad := range []*types.QueryDealsRequest{
		{Challenged: true},
		{Challenged: true, Validator: string(m.Validators[0]), DueHeight: 5},
		{Challenged: true, Validator: string(m.Validators[0]), Undrawn: true, PoolId: 1},
	} {
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			_, err := q.Deals(ctx, bad)
			require.Equal(t, codes.InvalidArgument, status.Code(err))
			return nil
		}))
	}
}
