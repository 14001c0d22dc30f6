package clienttest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// facts returns the hash of a deal's facts; zero for one that is not there.
func (m *market) facts(id pdx.DealID) [32]byte {
	deal, err := m.buyer.Deal(m.ctx, id)
	if err != nil {
		return [32]byte{}
	}
	return attest.FactsOf(m.head().ChainID, deal).Hash()
}

// acked returns deals as their buyer acknowledges them.
func (m *market) acked(ids ...pdx.DealID) (list []pdx.AckedDeal) {
	for _, id := range ids {
		list = append(list, pdx.AckedDeal{Deal: id, Facts: m.facts(id)})
	}
	return list
}

// testFacts has a validator and a buyer who were shown other deals than the chain has.
func testFacts(m *market) {
	pool := m.openPool(2, 1)
	id, other := m.offer(pool, 1), m.offer(pool, 1)
	for _, lie := range [][32]byte{{}, m.facts(other)} {
		require.ErrorIs(m, m.validators[0].Certify(m.ctx, id, lie, m.accept()), pdx.ErrRefused)
	}
	m.certify(id, 1)
	m.certify(other, 1)
	swapped := m.acked(id, other)
	swapped[0].Facts, swapped[1].Facts = swapped[1].Facts, swapped[0].Facts
	require.ErrorIs(m, m.buyer.Ack(m.ctx, swapped), pdx.ErrRefused)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id, other)))
}

func testWithdrawOffer(m *market) {
	pool := m.openPool(1, 1)
	offer, sealed := m.newOffer(pool, 1)
	id, err := m.seller.Offer(m.ctx, offer)
	require.NoError(m, err)
	require.ErrorIs(m, m.buyer.WithdrawOffer(m.ctx, id), pdx.ErrRefused)
	require.ErrorIs(m, m.seller.WithdrawOffer(m.ctx, id+1), pdx.ErrNotFound)
	require.NoError(m, m.seller.WithdrawOffer(m.ctx, id))
	require.Equal(m, pdx.DealLapsed, m.deal(id).State)
	require.Equal(m, m.deposit(), m.withdrawable(m.seller))
	require.ErrorIs(m, m.seller.WithdrawOffer(m.ctx, id), pdx.ErrWrongState)

	again, err := m.seller.Offer(m.ctx, offer)
	require.NoError(m, err, "the dataset may be offered again")
	m.sealed[again] = sealed
	m.certify(again, 1)
	require.ErrorIs(m, m.seller.WithdrawOffer(m.ctx, again), pdx.ErrWrongState)
}

func testConditions(m *market) {
	m.bond(2)
	v := m.validators[1]
	read, err := m.seller.Validator(m.ctx, v.Account())
	require.NoError(m, err)
	require.Empty(m, read.Conditions.Buyers, "a new validator takes every buyer")
	require.Positive(m, read.Conditions.MaxDataset)

	wanted := pdx.Conditions{
		MinIncome: 1, MaxDataset: 1 << 30, MaxTerms: 1000,
		Buyers: []pdx.Address{m.seller.Account()}, MediaTypes: []string{"application/fhir+ndjson"},
	}
	require.NoError(m, v.SetConditions(m.ctx, wanted))
	read, err = m.seller.Validator(m.ctx, v.Account())
	require.NoError(m, err)
	require.Equal(m, &wanted, read.Conditions)
	_, err = m.buyer.CreatePool(m.ctx, m.newPool(1, 2))
	require.ErrorIs(m, err, pdx.ErrRefused)
	require.ErrorContains(m, err, string(v.Account()), "the error names the validator")

	wanted.Buyers = append(slices.Clone(wanted.Buyers), m.buyer.Account())
	require.NoError(m, v.SetConditions(m.ctx, wanted))
	pool, err := m.buyer.CreatePool(m.ctx, m.newPool(1, 2))
	require.NoError(m, err)
	require.Equal(m, wanted.MaxDataset, m.pool(pool).MaxDataset, "the largest that both take")

	require.ErrorIs(m, v.SetConditions(m.ctx, pdx.Conditions{}), pdx.ErrInvalid)
	wanted.Buyers = []pdx.Address{"nobody"}
	require.ErrorIs(m, v.SetConditions(m.ctx, wanted), pdx.ErrInvalid)
	require.ErrorIs(m, m.seller.SetConditions(m.ctx, *read.Conditions), pdx.ErrNotFound)
}
