package keeper_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

var tag = bytes.Repeat([]byte{7}, 32)

func TestCertifyRefusals(t *testing.T) {
	type M = types.MsgCertify
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Certify, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 2)
		return m, m.NewAccept(m.Offer(), m.Validators[0])
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"acknowledged", func(x market, m *M) { x.Accept(m.DealId); x.Ack(m.DealId) }, types.ErrDealState},
		{"lapsed", func(x market, m *M) { x.Expire(m.DealId) }, types.ErrDealState},
		{"late", func(x market, m *M) { x.PastDeal(m.DealId) }, types.ErrLate},
		{"not a validator of the deal", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrNotAccepted},
		{"validator of the pool, not of the deal", func(x market, m *M) {
			offer := x.NewOffer(x.Pool, x.Seller, datapooltest.Seal(nil), x.Validators[1])
			m.DealId = x.Must(offer).(*types.MsgOfferResponse).DealId
		}, types.ErrNotAccepted},
		{"not drawn yet", func(x market, m *M) {
			x.Pool = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
			m.DealId = x.Offer()
		}, types.ErrNotDrawn},
		{"drawn without the signer", func(x market, m *M) {
			x.Pool = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 2 })
			m.DealId = x.Offer()
			drawNow(t, x)
			for _, v := range x.Validators {
				if !slices.Contains(drawnFor(x, m.DealId), v) {
					m.Validator = string(v)
				}
			}
		}, types.ErrNotAccepted},
		{"no bond left for the stake", func(x market, m *M) {
			spendBond(x, x.Validators[0])
		}, types.ErrStake},
		{"bond below a raised least bond", func(x market, _ *M) { raiseBond(x, 0) }, types.ErrBondRaised},
		{"twice", func(x market, m *M) { x.Must(x.NewReject(m.DealId, x.Validators[0])) }, types.ErrCertified},
		{"unbonding", func(x market, m *M) { x.Must(&types.MsgUnbond{Validator: m.Validator}) }, types.ErrValidatorStatus},
		{"unbonded", func(x market, m *M) {
			x.Must(&types.MsgUnbond{Validator: m.Validator})
			require.NoError(t, x.Past(0, x.Validator(x.Validators[0]).UnbondingTime))
			x.Must(&types.MsgWithdraw{Address: m.Validator})
			m.DealId = x.Offer()
		}, types.ErrValidatorStatus},
		{"jailed", func(x market, m *M) { x.DealIn(types.DEAL_STATE_FRAUD) }, types.ErrValidatorStatus},
		{"validator without a record", func(x market, _ *M) { forget(x, x.Validators[0]) }, types.ErrValidatorNotFound},
		{"no verdict", func(_ market, m *M) { m.Verdict = types.VERDICT_UNSPECIFIED }, types.ErrVerdict},
		{"unknown verdict", func(_ market, m *M) { m.Verdict = 3 }, types.ErrVerdict},
		{"accept with a reason", func(_ market, m *M) { m.Reason = types.REJECT_REASON_CRITERIA }, types.ErrVerdict},
		{"reject without a reason", func(_ market, m *M) { m.Verdict = types.VERDICT_REJECT }, types.ErrVerdict},
		{"reject with an unknown reason", func(_ market, m *M) { m.Verdict, m.Reason = types.VERDICT_REJECT, 9 }, types.ErrVerdict},
		{"no report", func(_ market, m *M) { m.ReportHash = nil }, types.ErrReportHash},
		{"long report", func(_ market, m *M) { m.ReportHash = append(m.ReportHash, 0) }, types.ErrReportHash},
		{"short tag", func(_ market, m *M) { m.DuplicateTag = tag[1:] }, types.ErrTag},
		{"tag seen", func(x market, m *M) {
			first := x.NewAccept(x.Offer(), x.Validators[0])
			datapooltest.Tag(first, tag)
			datapooltest.Tag(m, tag)
			x.Must(first)
		}, types.ErrTagSeen},
		{"expires before the ack", func(x market, m *M) {
			m.ExpiryHeight = x.Deal(m.DealId).DeadlineHeight + 10 // ack 10 s and 1 s for the size
		}, types.ErrCertificateExpiry},
		{"no facts", func(_ market, m *M) { m.FactsHash = nil }, types.ErrFactsHash},
		{"long facts", func(_ market, m *M) { m.FactsHash = append(m.FactsHash, 0) }, types.ErrFactsHash},
		{"facts of another deal", func(x market, m *M) { m.FactsHash = x.NewAccept(x.Offer(), x.Validators[0]).FactsHash }, types.ErrFacts},
		{"rejects another deal", func(x market, m *M) {
			other := x.NewReject(x.Offer(), x.Validators[0])
			m.Verdict, m.Reason, m.FactsHash = other.Verdict, other.Reason, other.FactsHash
		}, types.ErrFacts},
		{"no expiry", func(_ market, m *M) { m.ExpiryHeight = 0 }, types.ErrCertificateExpiry},
		{"pool closed", func(x market, m *M) { x.Must(&types.MsgClosePool{Buyer: string(x.Buyer), PoolId: x.Pool}) }, types.ErrPoolNotOpen},
		{"pool filled meanwhile", func(x market, _ *M) {
			x.DealIn(types.DEAL_STATE_DELIVERED)
			x.DealIn(types.DEAL_STATE_DELIVERED)
		}, types.ErrPoolNotOpen},
		{"pool full", func(x market, _ *M) {
			x.DealIn(types.DEAL_STATE_CERTIFIED)
			x.DealIn(types.DEAL_STATE_CERTIFIED)
		}, types.ErrPoolFull},
	})
}

func TestCertifyReservesAtTheKthAccept(t *testing.T) {
	m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	id := m.Offer()
	m.Must(m.NewReject(id, m.Validators[0]))
	m.Must(m.NewAccept(id, m.Validators[1]))
	require.Equal(t, types.DEAL_STATE_OFFERED, m.Deal(id).State)
	require.Zero(t, m.GetPool().ReservedCount)

	response := m.Must(m.NewAccept(id, m.Validators[2])).(*types.MsgCertifyResponse)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, response.State)
	require.Equal(t, uint64(1), m.GetPool().ReservedCount)
	require.Equal(t, uint64(datapooltest.Price), m.GetPool().Escrow.Uint64())
	require.Len(t, m.Deal(id).Accepted(), 2)
	m.CheckInvariants()
}

// TestRejectsThatLeaveNoHopeLapseAtOnce: one more than would be needed, or all have spoken.
func TestRejectsThatLeaveNoHopeLapseAtOnce(t *testing.T) {
	m := datapooltest.NewMarket(t, 3, func(p *types.MsgCreatePool) { p.RequiredCertificates = 3 })
	hopeless := m.Offer()
	m.Must(m.NewReject(hopeless, m.Validators[0]))
	require.Equal(t, types.DEAL_STATE_OFFERED, m.Deal(hopeless).State, "two may accept and dispute it")
	m.Must(m.NewReject(hopeless, m.Validators[1]))
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(hopeless).State)
	require.Equal(t, deposit, m.Withdrawable(datapooltest.Authority()), "the deposit is forfeited")

	m.Pool = m.OpenPool(2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	id := m.Offer()
	first := m.NewAccept(id, m.Validators[0])
	datapooltest.Tag(first, tag)
	m.Must(first)
	m.Must(m.NewReject(id, m.Validators[1]))
	require.Equal(t, types.DEAL_STATE_OFFERED, m.Deal(id).State, "two of three may still accept")
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Must(m.NewReject(id, m.Validators[2])).(*types.MsgCertifyResponse).State)
	require.Equal(t, deposit, m.Withdrawable(m.Seller), "one against two: nothing is forfeited")
	m.CheckInvariants()

	again := m.NewAccept(m.Offer(), m.Validators[0])
	datapooltest.Tag(again, tag)
	m.Must(again)
	m.CheckInvariants()
}

func TestOneDealMayHaveOneTagFromManyValidators(t *testing.T) {
	m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	id := m.Offer()
	for _, v := range m.Validators[:2] {
		msg := m.NewAccept(id, v)
		datapooltest.Tag(msg, tag)
		m.Must(msg)
	}
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(id).State)
	m.CheckInvariants()
}

// TestOnlyTheAgreeingAcceptsOfACertifiedDealClaimATag: one validator of two cannot block
// data that it saw at another seller's, neither by an accept of a puppet's deal that nobody
// else accepts nor by another tag than the other accept has.
func TestOnlyTheAgreeingAcceptsOfACertifiedDealClaimATag(t *testing.T) {
	m := datapooltest.NewMarket(t, 3, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	accept := func(id uint64, v pdx.Address, tag []byte) {
		msg := m.NewAccept(id, v)
		datapooltest.Tag(msg, tag)
		m.Must(msg)
		m.CheckInvariants()
	}
	accept(m.Offer(), m.Validators[2], tag)
	disputed := m.Offer()
	accept(disputed, m.Validators[0], bytes.Repeat([]byte{8}, 32))
	accept(disputed, m.Validators[2], tag)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(disputed).State)

	honest := m.Offer()
	accept(honest, m.Validators[0], tag)
	accept(honest, m.Validators[1], tag)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(honest).State)

	again := m.NewAccept(m.Offer(), m.Validators[0])
	datapooltest.Tag(again, tag)
	requireRefused(t, m, again, types.ErrTagSeen)
}

func TestARejectClaimsNoTag(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	reject := m.NewReject(m.Offer(), m.Validators[0])
	datapooltest.Tag(reject, tag)
	m.Must(reject)
	accept := m.NewAccept(m.Offer(), m.Validators[0])
	datapooltest.Tag(accept, tag)
	m.Must(accept)
	m.CheckInvariants()
}
