package adversary

import (
	"crypto/sha256"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/dedup"
)

// Register bonds the party as a validator, as an honest one does. bond is in umed,
// commission in basis points.
func (p *Party) Register(bond pdx.Amount, commission uint32) {
	p.t.Helper()
	id, addresses := p.Contact()
	recipient := datapooltest.Recipient(p.Account())
	require.NoError(p.t, p.RegisterValidator(p.t.Context(), pdx.Validator{
		Moniker: "Trust me", Bond: bond, Commission: commission, MaxCommission: 1000, MaxChange: 100, PeerID: id, Addresses: addresses,
		RecipientKey: recipient.Public(),
	}))
}

// Vouch certifies a deal of which the party has seen nothing, and promises to serve a
// ciphertext that it does not have.
func (p *Party) Vouch(deal pdx.DealID) {
	p.t.Helper()
	head, err := p.Head(p.t.Context())
	require.NoError(p.t, err)
	read, err := p.Deal(p.t.Context(), deal)
	require.NoError(p.t, err)
	facts := attest.FactsOf(p.ends.ChainID, read).Hash()
	var set pdx.RecordSet
	if read.RefusesDuplicates() { // nobody can read it
		made := sha256.Sum256([]byte(deal.String()))
		set = pdx.RecordSet{Tag: made, Root: pdx.ContentID(made), Size: dedup.SealedSize(1)}
	}
	require.NoError(p.t, p.Certify(p.t.Context(), deal, facts, pdx.Certificate{
		Set:      set,
		Accepted: true, Report: sha256.Sum256([]byte("all is well")), Available: true, ExpiryHeight: head.Height + 10_000_000,
	}))
}

// OfferSealed offers a dataset as it is, accepts these validators, and serves the
// ciphertext.
func (p *Party) OfferSealed(pool pdx.PoolID, sealed datapooltest.Sealed, validators ...pdx.Address) pdx.DealID {
	p.t.Helper()
	p.Serve(sealed.Ciphertext)
	read, err := p.Pool(p.t.Context(), pool)
	require.NoError(p.t, err)
	id, err := p.Offer(p.t.Context(), sealed.Offer(p.ends.ChainID, read, p.Account(), validators...))
	require.NoError(p.t, err)
	return id
}

// DeliverSealed delivers the right key of a dataset.
func (p *Party) DeliverSealed(id pdx.DealID, sealed datapooltest.Sealed) {
	p.t.Helper()
	deal, err := p.Deal(p.t.Context(), id)
	require.NoError(p.t, err)
	bound := attest.Deliver{
		ChainID: p.ends.ChainID, Pool: deal.Pool, Deal: id, Seller: deal.Seller, Buyer: deal.Buyer, Denom: pdx.Denom,
		Price: uint64(deal.Price), Cert: attest.CertHash(deal.Dataset, deal.Criteria, deal.Accepted()), AckHeight: deal.AckHeight,
	}
	d1, d2, proof, err := sealed.Key.Deliver(bound.Hash(), deal.BuyerKey)
	require.NoError(p.t, err)
	require.NoError(p.t, p.Deliver(p.t.Context(), pdx.Delivery{Deal: id, D1: d1, D2: d2, Proof: proof}))
}
