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

// certifiedWith has two validators accept, the second with another promise.
func certifiedWith(m *datapooltest.Market, change func(*types.MsgCertify)) uint64 {
	id := m.Offer()
	m.Must(m.NewAccept(id, m.Validators[0]))
	second := m.NewAccept(id, m.Validators[1])
	change(second)
	m.Must(second)
	return id
}

func unavailable(c *types.MsgCertify) { c.Available = false }

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
		{"a promise is missing", func(x market, m *M) {
			m.DealId = certifiedWith(x, unavailable)
			x.PastDeal(m.DealId)
		}, types.ErrNoPromise},
		{"a promise has expired", func(x market, m *M) {
			m.DealId = certifiedWith(x, func(c *types.MsgCertify) { c.ExpiryHeight = x.Head().Height + 1 })
			x.PastDeal(m.DealId)
		}, types.ErrNoPromise},
	})
}

func TestADefaultAckIsAnAck(t *testing.T) {
	m := quorumMarket(t)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.PastDeal(id)
	_, err := m.Exec(&types.MsgAck{Buyer: string(m.Buyer), DealIds: []uint64{id}})
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

// TestTheAckDeadlineOfAQuorumPool holds what an end block and MsgExpire do then
// against the promises: they stand in if, in that block, as many as required
// are there and have not expired.
func TestTheAckDeadlineOfAQuorumPool(t *testing.T) {
	for name, row := range map[string]struct {
		change   func(*datapooltest.Market, *types.MsgCertify)
		promised bool
	}{
		"all promise":          {func(*datapooltest.Market, *types.MsgCertify) {}, true},
		"one does not promise": {func(_ *datapooltest.Market, c *types.MsgCertify) { c.Available = false }, false},
		// The deadline is 11 blocks ahead (ack 10 s and 1 s for the size), the block after it the first.
		"expires in that block":     {func(m *datapooltest.Market, c *types.MsgCertify) { c.ExpiryHeight = m.Head().Height + 12 }, true},
		"expired in the one before": {func(m *datapooltest.Market, c *types.MsgCertify) { c.ExpiryHeight = m.Head().Height + 11 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := quorumMarket(t)
			id := certifiedWith(m, func(c *types.MsgCertify) { row.change(m, c) })
			m.PastDeal(id)
			expire := &types.MsgExpire{Sender: string(m.Buyer), DealId: id}
			if row.promised {
				requireRefused(t, m, expire, types.ErrPromised)
				nextBlock(t, m)
				require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
				m.Expire(id)
				require.Equal(t, types.DEAL_STATE_UNDELIVERED, m.Deal(id).State, "the seller's time ran as after any ack")
			} else {
				m.Must(expire)
				require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(id).State)
			}
			m.CheckInvariants()
		})
	}
}

// TestTheEndBlockUnacksWithoutPromises leaves the exit to the end blocker.
func TestTheEndBlockUnacksWithoutPromises(t *testing.T) {
	m := quorumMarket(t)
	id := certifiedWith(m, unavailable)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(id).State)
	m.CheckInvariants()
}
