package clienttest

import (
	"crypto/sha256"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/dedup"
)

// testDuplicates has a pool that refuses duplicates: its validator opens the tag key, and a tag
// that a deal holds is taken from no other.
func testDuplicates(m *market) {
	m.bond(1)
	v := m.validators[0]
	recipient := datapooltest.Recipient(v.Account())
	var secret dedup.Key
	refuse := func(p *pdx.NewPool) {
		secret = dedup.NewKey(dedup.Pool{ChainID: m.head().ChainID, BuyerKey: p.Key}, m.key.TagSecret())
		public := recipient.Public()
		sealed, err := secret.SealTo(v.Account(), public[:])
		require.NoError(m, err)
		p.TagCommitment, p.TagKeys, p.MaxOverlap = secret.Commitment(), [][]byte{sealed}, 7
	}
	_, err := m.buyer.CreatePool(m.ctx, m.newPool(2, 1, refuse))
	require.ErrorIs(m, err, pdx.ErrRefused, "the validator has no recipient key")

	contact := m.validator(v)
	contact.RecipientKey = recipient.Public()
	require.NoError(m, v.UpdateValidator(m.ctx, contact))
	require.Equal(m, recipient.Public(), m.validator(v).RecipientKey)
	pool, err := m.buyer.CreatePool(m.ctx, m.newPool(2, 1, refuse))
	require.NoError(m, err)
	require.True(m, m.pool(pool).RefusesDuplicates())
	keys, err := v.TagKeys(m.ctx, pool)
	require.NoError(m, err)
	require.Len(m, keys, 1)

	id := m.offer(pool, 1)
	deal := m.deal(id)
	require.EqualValues(m, 7, deal.MaxOverlap)
	opened, err := recipient.Open(dedup.Pool{ChainID: m.head().ChainID, BuyerKey: deal.BuyerKey}, v.Account(), keys[0], deal.TagCommitment)
	require.NoError(m, err)
	require.Equal(m, secret, opened)

	require.ErrorIs(m, v.Certify(m.ctx, id, m.facts(id), m.accept()), pdx.ErrRefused, "an accept without a tag")
	accept := m.accept()
	accept.Set = pdx.RecordSet{
		Tag: sha256.Sum256([]byte("tag")), Root: sha256.Sum256([]byte("set")), Size: dedup.SealedSize(3),
	}
	require.NoError(m, v.Certify(m.ctx, id, m.facts(id), accept))
	require.Equal(m, accept.Set, m.deal(id).RecordSet())
	again := m.offer(pool, 1)
	require.ErrorIs(m, v.Certify(m.ctx, again, m.facts(again), accept), pdx.ErrRefused, "the tag is held")
}
