package clienttest

import (
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
)

// delivered takes a dataset through a pool of one, as spoil leaves it.
func (m *market) delivered(spoil func(datapooltest.Sealed) datapooltest.Sealed) pdx.DealID {
	m.Helper()
	pool := m.openPool(1, 1, func(p *pdx.NewPool) { p.Deadlines.Dispute = long })
	o, sealed := m.newOffer(pool, 1)
	sealed = spoil(sealed)
	o.Dataset, o.Possession = sealed.Dataset, sealed.Possession(m.head().ChainID, uint64(pool), m.seller.Account())
	id, err := m.seller.Offer(m.ctx, o)
	require.NoError(m, err)
	m.sealed[id] = sealed
	m.certify(id, 1)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	require.NoError(m, m.seller.Deliver(m.ctx, m.delivery(id)))
	return id
}

func (m *market) segmentComplaint(id pdx.DealID) pdx.Complaint {
	m.Helper()
	s := m.sealed[id]
	bound := attest.ComplainBlock{ChainID: m.head().ChainID, Deal: id, Buyer: m.buyer.Account()}
	key, proof, err := s.Key.ProveComplaint(bound.Hash(), 0)
	require.NoError(m, err)
	return pdx.Complaint{Deal: id, Segment: &pdx.SegmentComplaint{BlockKey: key, Proof: proof, Slice: s.Slice(0)}}
}

func (m *market) boxComplaint(id pdx.DealID) pdx.Complaint {
	m.Helper()
	deal := m.deal(id)
	bound := attest.ComplainBox{ChainID: m.head().ChainID, Deal: id, Buyer: m.buyer.Account()}
	opening, proof, err := m.key.ProveOpen(bound.Hash(), deal.Delivery.D1, deal.Delivery.D2)
	require.NoError(m, err)
	return pdx.Complaint{Deal: id, Box: &pdx.BoxComplaint{Opening: opening, Proof: proof}}
}

func testComplainSegment(m *market) {
	id := m.delivered(func(s datapooltest.Sealed) datapooltest.Sealed { return s.SpoilSegment(0) })
	complaint := m.segmentComplaint(id)
	_, err := m.buyer.Complain(m.ctx, m.boxComplaint(id))
	require.ErrorIs(m, err, pdx.ErrRefused, "the box opens")
	_, err = m.buyer.Complain(m.ctx, pdx.Complaint{Deal: id})
	require.ErrorIs(m, err, pdx.ErrInvalid)
	_, err = m.seller.Complain(m.ctx, complaint)
	require.ErrorIs(m, err, pdx.ErrRefused)
	m.requireConvicted(id, complaint, pdx.ComplaintSegment)
}

func testComplainBox(m *market) {
	id := m.delivered(datapooltest.Sealed.SpoilBox)
	_, err := m.buyer.Complain(m.ctx, m.segmentComplaint(id))
	require.ErrorIs(m, err, pdx.ErrRefused, "the segment decrypts")
	m.requireConvicted(id, m.boxComplaint(id), pdx.ComplaintBox)
}

// requireConvicted complains, and checks all balances and the stream of events.
func (m *market) requireConvicted(id pdx.DealID, c pdx.Complaint, kind pdx.ComplaintKind) {
	m.Helper()
	v, from := m.validators[0], m.head().Height
	bond := m.validator(v).Bond
	credited, err := m.buyer.Complain(m.ctx, c)
	require.NoError(m, err)
	deal := m.deal(id)
	require.Equal(m, pdx.DealFraud, deal.State)
	slashed := bond - m.validator(v).Bond
	require.Positive(m, slashed)
	require.Equal(m, &pdx.Conviction{
		Kind: kind, Slashed: []pdx.Share{{Address: v.Account(), Amount: slashed}}, Compensation: deal.Conviction.Compensation,
	}, deal.Conviction)
	require.Positive(m, deal.Conviction.Compensation)
	require.Equal(m, price+deal.Deposit+deal.Conviction.Compensation, credited)
	require.Equal(m, credited, m.withdrawable(m.buyer))
	_, err = m.buyer.Complain(m.ctx, c)
	require.ErrorIs(m, err, pdx.ErrWrongState)
	require.Subset(m, story(m.follow(from+1, m.head().Height)), []pdx.Event{
		{Kind: "EventConvicted", Pool: deal.Pool, Deal: id},
		{Kind: "EventSlashed", Deal: id, Validator: v.Account()},
		{Kind: "EventValidatorStatus", Validator: v.Account(), State: string(pdx.ValidatorJailed)},
	})
	m.unjail(v)
}
