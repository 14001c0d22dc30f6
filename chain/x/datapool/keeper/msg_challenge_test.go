package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// challengedMarket has a deal of mode QUORUM on which two of three validators agreed, about a
// dataset of 65 chunks.
func challengedMarket(t *testing.T) (*datapooltest.Market, uint64) {
	t.Helper()
	m := quorumMarket(t)
	return m, m.SealedIn(types.DEAL_STATE_CERTIFIED, datapooltest.Seal(make([]byte, seal.PlainSegment+100)))
}

func TestChallengeRefusals(t *testing.T) {
	type M = types.MsgChallenge
	type market = *datapooltest.Market
	many := func(n uint64) (list []uint64) {
		for i := range n {
			list = append(list, i)
		}
		return list
	}
	testRefusals(t, types.MsgServer.Challenge, func(t *testing.T) (market, *M) {
		m, id := challengedMarket(t)
		return m, m.NewChallenge(id, 0, 64)
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Buyer = "" }, types.ErrAddress},
		{"another account", func(x market, m *M) { m.Buyer = string(x.Seller) }, types.ErrNotBuyer},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"no chunk", func(_ market, m *M) { m.Chunks = nil }, types.ErrChallengeChunks},
		{"a chunk twice", func(_ market, m *M) { m.Chunks = []uint64{1, 1} }, types.ErrChallengeChunks},
		{"out of order", func(_ market, m *M) { m.Chunks = []uint64{2, 1} }, types.ErrChallengeChunks},
		{"beyond the end", func(_ market, m *M) { m.Chunks = []uint64{65} }, types.ErrChallengeChunks},
		{"far beyond the end", func(_ market, m *M) { m.Chunks = []uint64{1 << 63} }, types.ErrChallengeChunks},
		{"more than the deal allows", func(_ market, m *M) { m.Chunks = many(17) }, types.ErrChallengeChunks},
		{"more than any deal allows", func(_ market, m *M) { m.Chunks = many(65) }, types.ErrChallengeChunks},
		{"no facts", func(_ market, m *M) { m.FactsHash = nil }, types.ErrFactsHash},
		{"other facts", func(_ market, m *M) { m.FactsHash[5] ^= 1 }, types.ErrFacts},
		{"offered", func(x market, m *M) { m.DealId = x.Offer() }, types.ErrDealState},
		{"acked", func(x market, m *M) { x.Ack(m.DealId) }, types.ErrDealState},
		{"open already", func(x market, m *M) { x.Must(x.NewChallenge(m.DealId, 3)) }, types.ErrChallenged},
		{"often enough", func(x market, m *M) {
			for range types.DefaultParams().MaxChallenges {
				x.Must(x.NewChallenge(m.DealId, 3))
				x.Must(x.NewAnswer(m.DealId, x.Validators[0]))
			}
		}, types.ErrChallengeCount},
		{"too late", func(x market, m *M) { x.PastDeal(m.DealId) }, types.ErrLate},
		{"no promises", func(x market, m *M) {
			x.Pool = x.OpenPool(1)
			m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED)
		}, types.ErrChallengeMode},
		{"no money", func(x market, m *M) {
			poor := datapooltest.Account("poor")
			x.Fund(poor, datapooltest.Price)
			pool := x.NewPool(poor, seal.NewBuyerKey(), 1, x.Validators...)
			pool.AckMode = types.ACK_MODE_QUORUM
			x.Pool = x.Must(pool).(*types.MsgCreatePoolResponse).PoolId
			m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED)
			*m = *x.NewChallenge(m.DealId, 0)
			m.Buyer = string(poor)
		}, types.ErrFunds},
	})
}

func TestAnswerRefusals(t *testing.T) {
	type M = types.MsgAnswer
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Answer, func(t *testing.T) (market, *M) {
		m, id := challengedMarket(t)
		m.Must(m.NewChallenge(id, 0, 64))
		return m, m.NewAnswer(id, m.Validators[1])
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"a deal without a challenge", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED) }, types.ErrNoChallenge},
		{"offered", func(x market, m *M) { m.DealId = x.Offer() }, types.ErrDealState},
		{"the seller", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrNotPromised},
		{"a validator that did not accept", func(x market, m *M) { m.Validator = string(x.Validators[2]) }, types.ErrNotPromised},
		{"a validator that accepted too late", func(x market, m *M) {
			x.Must(x.NewAccept(m.DealId, x.Validators[2]))
			m.Validator = string(x.Validators[2])
		}, types.ErrNotPromised},
		{"no challenge by number", func(_ market, m *M) { m.Challenge = 0 }, types.ErrOtherChallenge},
		{"of the next challenge", func(_ market, m *M) { m.Challenge = 2 }, types.ErrOtherChallenge},
		{"no slice", func(_ market, m *M) { m.Slices = nil }, types.ErrAnswer},
		{"a slice too few", func(_ market, m *M) { m.Slices = m.Slices[:1] }, types.ErrAnswer},
		{"a slice too many", func(_ market, m *M) { m.Slices = append(m.Slices, m.Slices[0]) }, types.ErrAnswer},
		{"65 slices", func(_ market, m *M) { m.Slices = make([][]byte, 65) }, types.ErrAnswer},
		{"an empty slice", func(_ market, m *M) { m.Slices[1] = nil }, types.ErrAnswerSlice},
		{"a slice of too many bytes", func(_ market, m *M) { m.Slices[1] = make([]byte, types.MaxChunkSliceLen+1) }, types.ErrAnswerSlice},
		{"a byte too many", func(_ market, m *M) { m.Slices[1] = append(m.Slices[1], 0) }, types.ErrAnswerSlice},
		{"a byte too few", func(_ market, m *M) { m.Slices[1] = m.Slices[1][:len(m.Slices[1])-1] }, types.ErrAnswerSlice},
		{"a false byte", func(_ market, m *M) { m.Slices[1][30] ^= 1 }, types.ErrAnswerSlice},
		{"a false size", func(_ market, m *M) { m.Slices[0][0] ^= 1 }, types.ErrAnswerSlice},
		{"in another order", func(_ market, m *M) { m.Slices[0], m.Slices[1] = m.Slices[1], m.Slices[0] }, types.ErrAnswerSlice},
		{"another chunk", func(x market, m *M) { m.Slices = x.Sealed[m.DealId].Chunks(1, 64) }, types.ErrAnswerSlice},
		{"of another dataset", func(x market, m *M) {
			m.Slices = datapooltest.Seal(make([]byte, seal.PlainSegment+100)).Chunks(0, 64)
		}, types.ErrAnswerSlice},
		{"answered", func(x market, m *M) { x.Must(x.NewAnswer(m.DealId, x.Validators[0])) }, types.ErrNoChallenge},
		{"acked", func(x market, m *M) { x.Ack(m.DealId) }, types.ErrDealState},
		{"too late", func(x market, m *M) { pastChallenge(x, m.DealId) }, types.ErrLate},
		{"over", func(x market, m *M) { pastChallenge(x, m.DealId); nextBlock(x.T.(*testing.T), x) }, types.ErrDealState},
	})
}

// pastChallenge goes to the first block in which a challenge may be ended.
func pastChallenge(m *datapooltest.Market, id uint64) {
	m.T.Helper()
	c := m.Deal(id).Challenge
	require.NoError(m.T, m.Past(c.DeadlineHeight, c.DeadlineTime))
}

// TestAnAnsweredChallengePaysTheValidator: the fee is the validator's, and the deal goes on as
// if nothing had been.
func TestAnAnsweredChallengePaysTheValidator(t *testing.T) {
	m, id := challengedMarket(t)
	before := m.Deal(id)
	wealth := m.Spendable(m.Buyer)
	m.Must(m.NewChallenge(id, 7, 9))
	fee := pdx.Amount(before.ChallengeTerms.Fee(before.Dataset.Size_, 2))
	require.Equal(t, wealth-fee, m.Spendable(m.Buyer))
	require.Equal(t, pdx.Amount(500_000+51*2*(8+7*64+1024)), fee)
	require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
	m.CheckInvariants()
	m.Must(m.NewAnswer(id, m.Validators[1]))
	require.Equal(t, fee, m.Withdrawable(m.Validators[1]))
	m.CheckInvariants()
	deal := m.Deal(id)
	require.Equal(t, types.CHALLENGE_STATE_ANSWERED, deal.Challenge.State)
	require.Equal(t, string(m.Validators[1]), deal.Challenge.AnsweredBy)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
	m.Deliver(id)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(id).State)
	require.Equal(t, fee+100_000, m.Withdrawable(m.Validators[1]))
	require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
	m.CheckInvariants()
}

// TestAnUnansweredChallengeBreaksThePromises follows all money, by the end blocker and by
// MsgExpire.
func TestAnUnansweredChallengeBreaksThePromises(t *testing.T) {
	for name, end := range map[string]func(*datapooltest.Market, uint64){
		"end blocker": func(m *datapooltest.Market, _ uint64) { nextBlock(m.T.(*testing.T), m) },
		"MsgExpire": func(m *datapooltest.Market, id uint64) {
			m.Must(&types.MsgExpire{Sender: string(m.Seller), DealId: id})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, id := challengedMarket(t)
			wealth, bond, stake := m.Spendable(m.Buyer), m.Validator(m.Validators[0]).Bond, m.Deal(id).Stake.Amount
			m.Must(m.NewChallenge(id, 7))
			fee := wealth - m.Spendable(m.Buyer)
			requireRefused(t, m, &types.MsgExpire{Sender: string(m.Seller), DealId: id}, types.ErrNotYet)
			pastChallenge(m, id)
			requireRefused(t, m, &types.MsgDefaultAck{Sender: string(m.Seller), DealId: id}, types.ErrChallenged)
			end(m, id)
			deal := m.Deal(id)
			require.Equal(t, types.DEAL_STATE_UNACKED, deal.State)
			require.Equal(t, types.CHALLENGE_STATE_UNANSWERED, deal.Challenge.State)
			require.Equal(t, types.COMPLAINT_KIND_PROMISE, deal.Conviction.Kind)
			// Two stakes; of them 0.6 MED for the challenge, and 1 MED and 100 umed for a MiB.
			require.Equal(t, fee+600_000+1_000_100, m.Withdrawable(m.Buyer))
			require.Equal(t, pdx.Amount(2*stake-1_600_100), m.Withdrawable(datapooltest.Authority()))
			require.Equal(t, deposit, m.Withdrawable(m.Seller))
			require.Equal(t, pdx.Amount(9*datapooltest.Price), pdx.Amount(m.GetPool().Escrow.Uint64()), "the price is the pool's again")
			for _, v := range m.Validators[:2] {
				require.Equal(t, stake, bond.Sub(m.Validator(v).Bond).Uint64())
				require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status)
				require.Zero(t, m.Staked(v))
			}
			require.Equal(t, bond, m.Validator(m.Validators[2]).Bond, "it did not promise")
			require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
			m.CheckInvariants()
			for _, v := range m.Validators[:2] {
				m.Restore(v)
			}
			m.DealIn(types.DEAL_STATE_FINAL)
			m.OfferSealed(m.Sealed[id]) // the dataset is free
			m.CheckInvariants()
		})
	}
}
