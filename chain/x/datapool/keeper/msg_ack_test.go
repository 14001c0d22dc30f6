package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestAckRefusals(t *testing.T) {
	type M = types.MsgAck
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Ack, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 9)
		return m, m.NewAck(m.DealIn(types.DEAL_STATE_CERTIFIED))
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Buyer = "" }, types.ErrAddress},
		{"no deals", func(_ market, m *M) { m.DealIds = nil }, types.ErrAckCount},
		{"too many deals", func(_ market, m *M) { m.DealIds = make([]uint64, types.MaxAcks+1) }, types.ErrAckCount},
		{"repeated deal", func(_ market, m *M) { m.DealIds = append(m.DealIds, m.DealIds[0]) }, types.ErrAckRepeated},
		{"no such deal", func(_ market, m *M) { m.DealIds = []uint64{9} }, types.ErrDealNotFound},
		{"not the buyer", func(x market, m *M) { m.Buyer = string(x.Seller) }, types.ErrNotBuyer},
		{"offered", func(x market, m *M) { m.DealIds[0] = x.Offer() }, types.ErrDealState},
		{"acked", func(x market, m *M) { x.Ack(m.DealIds...) }, types.ErrDealState},
		{"delivered", func(x market, m *M) { m.DealIds[0] = x.DealIn(types.DEAL_STATE_DELIVERED) }, types.ErrDealState},
		{"late", func(x market, m *M) { x.PastDeal(m.DealIds[0]) }, types.ErrLate},
		{"no facts", func(_ market, m *M) { m.FactsHashes = nil }, types.ErrFactsHash},
		{"facts of more deals", func(_ market, m *M) { m.FactsHashes = append(m.FactsHashes, m.FactsHashes[0]) }, types.ErrFactsHash},
		{"short facts", func(_ market, m *M) { m.FactsHashes[0] = m.FactsHashes[0][1:] }, types.ErrFactsHash},
		{"facts of another deal", func(x market, m *M) {
			m.FactsHashes = x.NewAck(x.DealIn(types.DEAL_STATE_CERTIFIED)).FactsHashes
		}, types.ErrFacts},
	})
}

func TestAckManyIsAllOrNone(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	ids := []uint64{m.DealIn(types.DEAL_STATE_CERTIFIED), m.DealIn(types.DEAL_STATE_CERTIFIED)}
	_, err := m.Exec(m.NewAck(append(ids, m.Offer())...))
	requireError(t, err, types.ErrDealState)
	for _, id := range ids {
		require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(id).State)
	}
	m.Ack(ids...)
	for _, id := range ids {
		require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
		require.Equal(t, m.Head().Height, m.Deal(id).AckHeight)
	}
	m.CheckInvariants()
}

// TestNoAcceptStopsAnAck has the one accept of a deal expire as early as the chain takes,
// while blocks come faster than the pool's block time says.
func TestNoAcceptStopsAnAck(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.Offer()
	accept := m.NewAccept(id, m.Validators[0])
	accept.ExpiryHeight = m.Deal(id).DeadlineHeight + 11 // ack 10 s and 1 s for the size
	short := *accept
	short.ExpiryHeight--
	requireRefused(t, m, &short, types.ErrCertificateExpiry)
	m.Must(accept)
	for m.Head().Height <= accept.ExpiryHeight {
		_, err := m.NextBlock(time.Millisecond)
		require.NoError(t, err)
	}
	m.Ack(id)
	m.CheckInvariants()
}

// TestUnackedDataMayBeOfferedAgain: the deal failed without its seller's fault.
func TestUnackedDataMayBeOfferedAgain(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	sealed := datapooltest.Seal([]byte("good data"))
	for range 2 {
		id := m.OfferSealed(sealed)
		accept := m.NewAccept(id, m.Validators[0])
		datapooltest.Tag(accept, tag)
		m.Must(accept)
		requireRefused(t, m, m.NewOffer(m.Pool, m.Seller, sealed, m.Validators...), types.ErrPoolFull)
		m.Expire(id)
		require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(id).State)
		m.CheckInvariants()
	}
}
