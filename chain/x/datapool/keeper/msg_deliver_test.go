package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/attest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/transfer/seal"
)

func TestDeliverRefusals(t *testing.T) {
	type M = types.MsgDeliver
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Deliver, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 9)
		id := m.DealIn(types.DEAL_STATE_ACKED)
		return m, m.NewDelivery(m.Deal(id), m.Sealed[id].Key)
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Seller = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"not the seller", func(x market, m *M) { m.Seller = string(x.Buyer) }, types.ErrNotSeller},
		{"not acked", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED) }, types.ErrDealState},
		{"delivered", func(x market, m *M) { x.Deliver(m.DealId) }, types.ErrDealState},
		{"expired", func(x market, m *M) { x.Expire(m.DealId) }, types.ErrDealState},
		{"no D1", func(_ market, m *M) { m.D1 = nil }, types.ErrDelivery},
		{"D1 is the identity", func(_ market, m *M) { m.D1 = make([]byte, 32) }, types.ErrDelivery},
		{"D2 not canonical", func(_ market, m *M) { m.D2 = bytes.Repeat([]byte{0xff}, 32) }, types.ErrDelivery},
		{"short proof", func(_ market, m *M) { m.Proof = m.Proof[1:] }, types.ErrDelivery},
		{"proof with a flipped bit", func(_ market, m *M) { m.Proof[50] ^= 1 }, types.ErrDeliverProof},
		{"D1 and D2 swapped", func(_ market, m *M) { m.D1, m.D2 = m.D2, m.D1 }, types.ErrDeliverProof},
		{"delivery of another deal", func(x market, m *M) {
			id := x.DealIn(types.DEAL_STATE_ACKED)
			other := x.NewDelivery(x.Deal(id), x.Sealed[id].Key)
			m.D1, m.D2, m.Proof = other.D1, other.D2, other.Proof
		}, types.ErrDeliverProof},
		{"key of other data", func(x market, m *M) {
			other := x.NewDelivery(x.Deal(m.DealId), datapooltest.Seal(nil).Key)
			m.D1, m.D2, m.Proof = other.D1, other.D2, other.Proof
		}, types.ErrDeliverProof},
		{"to another buyer key", func(x market, m *M) {
			deal := x.Deal(m.DealId)
			key := seal.NewBuyerKey().Public()
			deal.BuyerKey = key[:]
			*m = *x.NewDelivery(deal, x.Sealed[m.DealId].Key)
		}, types.ErrDeliverProof},
	})
}

func TestDeliveryIsBoundToEveryTerm(t *testing.T) {
	for name, change := range map[string]func(*attest.Deliver){
		"chain":       func(c *attest.Deliver) { c.ChainID = "panacea-3" },
		"pool":        func(c *attest.Deliver) { c.Pool++ },
		"deal":        func(c *attest.Deliver) { c.Deal++ },
		"seller":      func(c *attest.Deliver) { c.Seller = datapooltest.Account("else") },
		"buyer":       func(c *attest.Deliver) { c.Buyer = datapooltest.Account("else") },
		"denom":       func(c *attest.Deliver) { c.Denom = "uatom" },
		"price":       func(c *attest.Deliver) { c.Price++ },
		"certificate": func(c *attest.Deliver) { c.Cert[0] ^= 1 },
		"ack height":  func(c *attest.Deliver) { c.AckHeight++ },
	} {
		t.Run(name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 1)
			id := m.DealIn(types.DEAL_STATE_ACKED)
			deal := m.Deal(id)
			terms := datapooltest.DeliverContext(m.Head().ChainID, deal)
			change(&terms)
			d1, d2, proof, err := m.Sealed[id].Key.Deliver(terms.Hash(), pdx.Element(deal.BuyerKey))
			require.NoError(t, err)
			_, err = m.Exec(&types.MsgDeliver{Seller: deal.Seller, DealId: id, D1: d1[:], D2: d2[:], Proof: proof})
			requireError(t, err, types.ErrDeliverProof)
		})
	}
}

func TestLateDeliveryBeatsAnExpiryNotExecuted(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_ACKED)
	m.PastDeal(id)
	m.Deliver(id)
	_, err := m.NextBlock(datapooltest.BlockTime)
	require.NoError(t, err)
	require.Equal(t, types.DEAL_STATE_DELIVERED, m.Deal(id).State)
	m.CheckInvariants()
}
