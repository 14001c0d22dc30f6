package clienttest

import (
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// testChallenge has the validator of a deal show what it promised, for the fee.
func testChallenge(m *market) {
	m.bond(1)
	p := m.newPool(1, 1)
	p.AckMode = pdx.AckQuorum
	pool, err := m.buyer.CreatePool(m.ctx, p)
	require.NoError(m, err)
	id := m.offer(pool, 1)
	challenge := pdx.NewChallenge{Deal: id, Facts: m.facts(id), Chunks: []uint64{0}}
	require.ErrorIs(m, m.buyer.Challenge(m.ctx, challenge), pdx.ErrWrongState, "it is not certified")
	m.certify(id, 1)
	v := m.validators[0]
	answer := pdx.Answer{Deal: id, Challenge: 1, Slices: m.sealed[id].Chunks(0)}
	require.ErrorIs(m, v.Answer(m.ctx, answer), pdx.ErrWrongState, "nobody asked")
	require.ErrorIs(m, m.seller.Challenge(m.ctx, challenge), pdx.ErrRefused)

	require.NoError(m, m.buyer.Challenge(m.ctx, challenge))
	deal := m.deal(id)
	require.True(m, deal.Challenged())
	require.False(m, deal.AckedByDefault())
	require.Equal(m, []uint64{0}, deal.Challenge.Chunks)
	require.Equal(m, deal.AnswerCost+deal.AnswerByteCost*pdx.Amount(len(answer.Slices[0])), deal.Challenge.Fee)
	require.ErrorIs(m, m.seller.DefaultAck(m.ctx, id), pdx.ErrWrongState)
	account := deal.Certificates[0].Validator
	listed, _, err := v.Deals(m.ctx, pdx.DealFilter{Validator: account, Challenged: true, NoTexts: true})
	require.NoError(m, err)
	require.Len(m, listed, 1)

	spoiled := answer
	spoiled.Slices = [][]byte{append([]byte{0}, answer.Slices[0]...)}
	require.ErrorIs(m, v.Answer(m.ctx, spoiled), pdx.ErrInvalid)
	require.ErrorIs(m, m.seller.Answer(m.ctx, answer), pdx.ErrRefused)
	had := m.withdrawable(v)
	require.NoError(m, v.Answer(m.ctx, answer))
	require.Equal(m, had+deal.Challenge.Fee, m.withdrawable(v))
	answered := m.deal(id).Challenge
	require.Equal(m, pdx.ChallengeAnswered, answered.State)
	require.Equal(m, account, answered.AnsweredBy)
	require.ErrorIs(m, v.Answer(m.ctx, answer), pdx.ErrWrongState)
}
