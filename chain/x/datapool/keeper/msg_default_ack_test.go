package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// quorumMarket has a pool in which two validators stand in for the buyer's ack.
func quorumMarket(t *testing.T) *datapooltest.Market {
	t.Helper()
	return datapooltest.NewMarket(t, 9, func(p *types.MsgCreatePool) {
		p.AckMode, p.RequiredCertificates = types.ACK_MODE_QUORUM, 2
	})
}

// acceptOnly has a validator accept a deal without a promise to serve it.
func acceptOnly(m *datapooltest.Market, id uint64, validator pdx.Address) {
	accept := m.NewAccept(id, validator)
	accept.Available = false
	m.Must(accept)
}

func TestDefaultAckRefusals(t *testing.T) {
	type M = types.MsgDefaultAck
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.DefaultAck, func(t *testing.T) (market, *M) {
		m := quorumMarket(t)
		id := m.DealIn(types.DEAL_STATE_CERTIFIED)
		m.PastDeal(id)
		return m, &M{Sender: string(datapooltest.Account("anyone")), DealId: id}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Sender = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"offered", func(x market, m *M) { m.DealId = x.Offer() }, types.ErrDealState},
		{"acked", func(x market, m *M) { x.Must(&M{Sender: m.Sender, DealId: m.DealId}) }, types.ErrDealState},
		{"the buyer has time", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED) }, types.ErrNotYet},
		{"only the buyer acks", func(x market, m *M) {
			x.Pool = x.OpenPool(1)
			m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED)
			x.PastDeal(m.DealId)
		}, types.ErrBuyerAcks},
	})
}

func TestADefaultAckIsAnAck(t *testing.T) {
	m := quorumMarket(t)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.PastDeal(id)
	_, err := m.Exec(m.NewAck(id))
	requireError(t, err, types.ErrLate)
	m.Must(&types.MsgDefaultAck{Sender: string(m.Seller), DealId: id})
	require.Equal(t, m.Head().Height, m.Deal(id).AckHeight)
	m.CheckInvariants()
	m.Deliver(id)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(id).State)
	require.Equal(t, pdx.Amount(100_000), m.Withdrawable(m.Validators[0]))
	m.CheckInvariants()
}

func TestTheBuyerMayAckBeforeTheQuorum(t *testing.T) {
	m := quorumMarket(t)
	m.DealIn(types.DEAL_STATE_FINAL)
	m.CheckInvariants()
}

// TestTheAckDeadlineOfAQuorumPool: the promises stand in for the buyer's ack.
func TestTheAckDeadlineOfAQuorumPool(t *testing.T) {
	m := quorumMarket(t)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.PastDeal(id)
	requireRefused(t, m, &types.MsgExpire{Sender: string(m.Buyer), DealId: id}, types.ErrPromised)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
	m.Expire(id)
	require.Equal(t, types.DEAL_STATE_UNDELIVERED, m.Deal(id).State, "the seller's time ran as after any ack")
	m.CheckInvariants()
}

// TestAnAcceptWithoutAPromiseDoesNotCount: of three validators two must promise. One that
// does not leaves its place to the third, gets nothing, and is liable for nothing.
func TestAnAcceptWithoutAPromiseDoesNotCount(t *testing.T) {
	m := quorumMarket(t)
	id := m.Offer()
	acceptOnly(m, id, m.Validators[0])
	m.Must(m.NewAccept(id, m.Validators[1]))
	require.Equal(t, types.DEAL_STATE_OFFERED, m.Deal(id).State)
	m.CheckInvariants()
	m.Must(m.NewAccept(id, m.Validators[2]))
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(id).State)
	m.PastDeal(id)
	nextBlock(t, m)
	m.Deliver(id)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(id).State)
	require.Zero(t, m.Withdrawable(m.Validators[0]))
	require.Equal(t, pdx.Amount(100_000), m.Withdrawable(m.Validators[2]))
	m.CheckInvariants()
}

// TestTooManyWithoutAPromiseLapse: no k of the validators are left that could promise.
func TestTooManyWithoutAPromiseLapse(t *testing.T) {
	m := quorumMarket(t)
	id := m.Offer()
	acceptOnly(m, id, m.Validators[0])
	acceptOnly(m, id, m.Validators[1])
	acceptOnly(m, id, m.Validators[2])
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Equal(t, deposit, m.Withdrawable(m.Seller))
	m.CheckInvariants()
}
