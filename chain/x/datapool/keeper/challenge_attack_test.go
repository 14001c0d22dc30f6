package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
)

// TestAChallengeInTheLastBlockPutsOffTheAckOnce: each challenge moves the deadline to its own
// end at most, and their number is bounded.
func TestAChallengeInTheLastBlockPutsOffTheAckOnce(t *testing.T) {
	m, id := challengedMarket(t)
	first := m.Deal(id)
	for range first.ChallengeTerms.MaxChallenges {
		deal := m.Deal(id)
		require.NoError(t, m.Past(deal.DeadlineHeight-1, deal.DeadlineTime.Add(-datapooltest.BlockTime)))
		challenge := m.NewChallenge(id, 0)
		m.Must(challenge)
		c := m.Deal(id).Challenge
		require.Equal(t, c.DeadlineTime, m.Deal(id).DeadlineTime)
		require.NoError(t, m.Past(c.DeadlineHeight-1, c.DeadlineTime.Add(-datapooltest.BlockTime)))
		m.CheckInvariants()
		m.Must(m.NewAnswer(id, m.Validators[0])) // in the last block, too
	}
	m.PastDeal(id)
	requireRefused(t, m, m.NewChallenge(id, 0), types.ErrChallengeCount)
	most := first.DeadlineTime.Add(time.Duration(first.ChallengeTerms.MaxChallenges) * first.ChallengeTerms.Time)
	require.False(t, m.Deal(id).DeadlineTime.After(most))
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
	m.CheckInvariants()
}

// TestAnEarlyChallengeMovesNoDeadline: one whose time is over before the ack deadline changes
// nothing of it.
func TestAnEarlyChallengeMovesNoDeadline(t *testing.T) {
	m := quorumMarket(t)
	params := datapooltest.Params()
	params.ChallengeTime = 2 * datapooltest.BlockTime
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	before := m.Deal(id)
	m.Must(m.NewChallenge(id, 0))
	require.Equal(t, before.DeadlineTime, m.Deal(id).DeadlineTime)
	m.Must(m.NewAnswer(id, m.Validators[0]))
	m.CheckInvariants()
	m.Must(m.NewChallenge(id, 0))
	pastChallenge(m, id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(id).State, "long before the ack deadline")
	m.CheckInvariants()
}

// TestAnAckEndsAChallenge: an ack in front of the answer costs the buyer the fee, so that it
// gains nothing by it, and the validators neither. Likewise a delivery on a voucher.
func TestAnAckEndsAChallenge(t *testing.T) {
	for name, ack := range map[string]func(*datapooltest.Market, uint64){
		"ack": func(m *datapooltest.Market, id uint64) { m.Ack(id) },
		"voucher": func(m *datapooltest.Market, id uint64) {
			height := m.Head().Height
			m.Must(onVoucher(m, id, height-1, height+20))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, id := challengedMarket(t)
			nextBlock(t, m)
			wealth := m.Spendable(m.Buyer)
			m.Must(m.NewChallenge(id, 0))
			fee := wealth - m.Spendable(m.Buyer)
			ack(m, id)
			require.Equal(t, types.CHALLENGE_STATE_ACKED, m.Deal(id).Challenge.State)
			requireRefused(t, m, m.NewAnswer(id, m.Validators[0]), types.ErrDealState)
			require.Equal(t, fee, m.Withdrawable(datapooltest.Authority()))
			require.Zero(t, m.Withdrawable(m.Buyer))
			for _, v := range m.Validators {
				require.Zero(t, m.Withdrawable(v))
			}
			require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
			m.CheckInvariants()
		})
	}
}

// TestACopiedAnswerIsWorthNothing: slices on their way to a block help only those who
// promised, and of them the first is paid.
func TestACopiedAnswerIsWorthNothing(t *testing.T) {
	m, id := challengedMarket(t)
	m.Must(m.NewChallenge(id, 3, 5))
	seen := m.NewAnswer(id, m.Validators[0])
	for _, thief := range []pdx.Address{m.Seller, m.Buyer, m.Validators[2]} {
		copied := *seen
		copied.Validator = string(thief)
		requireRefused(t, m, &copied, types.ErrNotPromised)
	}
	m.Must(seen)
	second := *seen
	second.Validator = string(m.Validators[1])
	requireRefused(t, m, &second, types.ErrNoChallenge)
	m.Must(m.NewChallenge(id, 6, 8))
	requireRefused(t, m, seen, types.ErrOtherChallenge) // the old answer once more
	seen.Challenge = 2
	requireRefused(t, m, seen, types.ErrAnswerSlice)
}

// TestOneValidatorCannotBreakAnotherOnesPromise: the buyer and a validator that conspire end no
// deal, because any other one answers.
func TestOneValidatorCannotBreakAnotherOnesPromise(t *testing.T) {
	m, id := challengedMarket(t)
	m.Must(m.NewChallenge(id, 0))
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])}) // it has left
	c := m.Deal(id).Challenge
	require.NoError(t, m.Past(c.DeadlineHeight-1, c.DeadlineTime.Add(-datapooltest.BlockTime)))
	m.Must(m.NewAnswer(id, m.Validators[1]))
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
	m.CheckInvariants()
}

// TestAFloodOfChallengesIsBounded: one at a time for each deal, as many as the deal had when it
// was offered, and each is paid for. The end of a block takes as many of them as of others.
func TestAFloodOfChallengesIsBounded(t *testing.T) {
	m := datapooltest.NewMarket(t, 9, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 2
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	var ids []uint64
	for range 5 {
		ids = append(ids, m.DealIn(types.DEAL_STATE_CERTIFIED))
	}
	params.MaxChallenges = 0 // for deals that are offered from now on
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	later := m.DealIn(types.DEAL_STATE_CERTIFIED)
	requireRefused(t, m, m.NewChallenge(later, 0), types.ErrChallengeCount)
	wealth := m.Spendable(m.Buyer)
	for _, id := range ids {
		m.Must(m.NewChallenge(id, 0))
		requireRefused(t, m, m.NewChallenge(id, 0), types.ErrChallenged)
	}
	require.GreaterOrEqual(t, wealth-m.Spendable(m.Buyer), pdx.Amount(5*500_000))
	pastChallenge(m, ids[0])
	ended := func() (n int) {
		for _, id := range ids {
			if m.Deal(id).State == types.DEAL_STATE_UNACKED {
				n++
			}
		}
		return n
	}
	for _, want := range []int{2, 4, 5} {
		nextBlock(t, m)
		if m.Deal(later).State == types.DEAL_STATE_CERTIFIED && ended() < want {
			want-- // the other deal's deadline was one of the two
		}
		require.GreaterOrEqual(t, ended(), want-1)
		require.LessOrEqual(t, ended(), want)
		m.CheckInvariants()
	}
}

// TestAnAnswerPaysForItsHashing compares the gas of an answer of many slices with that of one
// of few.
func TestAnAnswerPaysForItsHashing(t *testing.T) {
	m := quorumMarket(t)
	id := m.SealedIn(types.DEAL_STATE_CERTIFIED, datapooltest.Seal(make([]byte, 3*seal.PlainSegment)))
	gas := func(chunks ...uint64) uint64 {
		m.Must(m.NewChallenge(id, chunks...))
		msg := m.NewAnswer(id, m.Validators[0])
		var used uint64
		require.NoError(t, m.Read(func(ctx sdk.Context, _ types.QueryServer) error {
			meter := storetypes.NewInfiniteGasMeter()
			err := answer(m, ctx.WithGasMeter(meter), msg)
			used = meter.GasConsumed()
			return err
		}))
		m.Must(msg)
		return used
	}
	one, many := gas(0), gas(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	require.GreaterOrEqual(t, many-one, types.SliceGas(int(15*(bao.ChunkSize+64))))
	requireRefused(t, m, m.NewAnswer(id, m.Validators[0]), types.ErrNoChallenge)
}

// TestDamagedChallengesInGenesis changes a state with a challenge so that no messages make it.
func TestDamagedChallengesInGenesis(t *testing.T) {
	m, id := challengedMarket(t)
	m.Must(m.NewChallenge(id, 7))
	for name, change := range map[string]func(*types.Deal){
		"no terms":           func(d *types.Deal) { d.ChallengeTerms = nil },
		"another mode":       func(d *types.Deal) { d.AckMode = types.ACK_MODE_BUYER },
		"a free one":         func(d *types.Deal) { d.Challenge.Fee = 0 },
		"one too many":       func(d *types.Deal) { d.Challenge.Number = 4 },
		"none by number":     func(d *types.Deal) { d.Challenge.Number = 0 },
		"no state":           func(d *types.Deal) { d.Challenge.State = 0 },
		"unanswered":         func(d *types.Deal) { d.Challenge.State = types.CHALLENGE_STATE_UNANSWERED },
		"acked":              func(d *types.Deal) { d.Challenge.State = types.CHALLENGE_STATE_ACKED },
		"answered by nobody": func(d *types.Deal) { d.Challenge.State = types.CHALLENGE_STATE_ANSWERED },
		"open and answered":  func(d *types.Deal) { d.Challenge.AnsweredBy = string(m.Validators[0]) },
		"before its deal":    func(d *types.Deal) { d.Challenge.Height = 0 },
		"for ever":           func(d *types.Deal) { d.Challenge.DeadlineHeight = 1 << 60 },
		"for longer":         func(d *types.Deal) { d.Challenge.DeadlineTime = d.Challenge.DeadlineTime.Add(time.Hour) },
		"for a longer ack":   func(d *types.Deal) { d.DeadlineTime = d.DeadlineTime.Add(time.Hour) },
		"for a shorter ack":  func(d *types.Deal) { d.DeadlineTime = d.Challenge.Time },
		"convicted":          func(d *types.Deal) { d.Conviction = &types.Conviction{Kind: types.COMPLAINT_KIND_PROMISE} },
		"yet to come": func(d *types.Deal) {
			d.Challenge.Height, d.Challenge.DeadlineHeight, d.DeadlineHeight = d.Challenge.Height+9, d.Challenge.DeadlineHeight+9, d.DeadlineHeight+9
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := m.Export()
			change(&g.Deals[id-1])
			_, err := startedFrom(m, g)
			requireError(t, err, types.ErrGenesis)
		})
	}
	chunks := m.Export()
	chunks.Deals[id-1].Challenge.Chunks = nil
	_, err := startedFrom(m, chunks)
	requireError(t, err, types.ErrChallengeChunks)
	g := m.Export()
	head := m.Head()
	started, err := startedFrom(m, g)
	require.NoError(t, err)
	require.NoError(t, started.Past(head.Height+60*60*13, head.Time)) // the challenge goes on there
	require.NoError(t, started.Read(func(ctx sdk.Context, q types.QueryServer) error {
		resp, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
		require.NoError(t, err)
		require.Equal(t, types.DEAL_STATE_UNACKED, resp.Deal.State)
		return started.Keeper.CheckInvariants(ctx)
	}))
}

func answer(m *datapooltest.Market, ctx sdk.Context, msg *types.MsgAnswer) error {
	_, err := keeper.NewMsgServer(m.Keeper).Answer(ctx, msg)
	return err
}
