package clienttest

import (
	"errors"
	"math"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

func testPool(m *market) {
	m.bond(1)
	had := m.spendable(m.buyer)
	wanted := m.newPool(3, 1)
	id, err := m.buyer.CreatePool(m.ctx, wanted)
	require.NoError(m, err)
	m.requireSpent(m.buyer, had, 3*price, 1)
	require.Equal(m, pdx.Pool{
		ID: id, Buyer: m.buyer.Account(), Key: wanted.Key, Title: wanted.Title, MediaType: wanted.MediaType, Price: price,
		TargetCount: 3, Escrow: 3 * price, Criteria: wanted.Criteria, Certificates: 1, Validators: wanted.Validators,
		Terms: wanted.Terms, Deadlines: wanted.Deadlines, Expiry: wanted.Expiry, Status: pdx.PoolOpen,
		AckMode: pdx.AckBuyer, TermsHash: attest.TermsHash(wanted.Terms), MaxDataset: types.DefaultConditions().MaxDatasetSize,
	}, m.pool(id))

	for name, spoil := range map[string]func(*pdx.NewPool){
		"target":      func(p *pdx.NewPool) { p.TargetCount = 0 },
		"overflow":    func(p *pdx.NewPool) { p.TargetCount = math.MaxUint64 },
		"validators":  func(p *pdx.NewPool) { p.Validators = nil },
		"certificate": func(p *pdx.NewPool) { p.Certificates = 2 },
		"key":         func(p *pdx.NewPool) { p.Key[31] ^= 0xff },
		"possession":  func(p *pdx.NewPool) { p.KeyProof = make([]byte, 64) },
		"expiry":      func(p *pdx.NewPool) { p.Expiry = m.head().Time.Add(-short) },
		"title":       func(p *pdx.NewPool) { p.Title = "\x00" },
		"draw":        func(p *pdx.NewPool) { p.Draw = 2 },
	} {
		p := m.newPool(1, 1)
		spoil(&p)
		_, err := m.buyer.CreatePool(m.ctx, p)
		require.ErrorIs(m, err, pdx.ErrInvalid, name)
	}
	p := m.newPool(1, 1)
	p.Price = Wealth * 1000
	_, err = m.buyer.CreatePool(m.ctx, p)
	require.ErrorIs(m, err, pdx.ErrNoFunds)
	p = m.newPool(1, 1)
	p.Validators = []pdx.Address{m.seller.Account()}
	_, err = m.buyer.CreatePool(m.ctx, p)
	require.ErrorIs(m, err, pdx.ErrRefused, "not a bonded validator")

	_, err = m.buyer.CreatePool(m.ctx, wanted)
	require.ErrorIs(m, err, pdx.ErrRefused, "the key is the first pool's: sending it again makes no second one")

	_, _, err = m.seller.ClosePool(m.ctx, id, anyCost)
	require.ErrorIs(m, err, pdx.ErrRefused, "not its pool")
	refund, _, err := m.buyer.ClosePool(m.ctx, id, anyCost)
	require.NoError(m, err)
	require.Equal(m, 3*price, refund)
	_, _, err = m.buyer.ClosePool(m.ctx, id, anyCost)
	require.ErrorIs(m, err, pdx.ErrWrongState)
	o, _ := m.newOffer(id, 1)
	_, err = m.seller.Offer(m.ctx, o)
	require.ErrorIs(m, err, pdx.ErrWrongState)
}

func testWrongState(m *market) {
	pool := m.openPool(1, 1)
	id, second := m.offer(pool, 1), m.offer(pool, 1)
	early := pdx.Delivery{Deal: id, D1: m.key.Public(), D2: m.key.Public(), Proof: make([]byte, 96)}
	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(id)), pdx.ErrWrongState)
	require.ErrorIs(m, m.seller.Deliver(m.ctx, early), pdx.ErrWrongState)
	m.certify(id, 1)
	require.ErrorIs(m, m.seller.Deliver(m.ctx, early), pdx.ErrWrongState)
	require.ErrorIs(m, m.validators[0].Certify(m.ctx, id, m.facts(id), m.accept()), pdx.ErrRefused, "it has given its verdict")

	require.ErrorIs(m, m.validators[0].Certify(m.ctx, second, m.facts(second), m.accept()), pdx.ErrWrongState, "the pool is full")

	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(id, second)), pdx.ErrWrongState, "all deals or none")
	require.Equal(m, pdx.DealCertified, m.deal(id).State)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(id)), pdx.ErrWrongState)
	require.NoError(m, m.seller.Deliver(m.ctx, m.delivery(id)))
	require.ErrorIs(m, m.seller.Deliver(m.ctx, m.delivery(id)), pdx.ErrWrongState)
}

func testRefusedCostsNothing(m *market) {
	pool := m.openPool(2, 1)
	o, sealed := m.newOffer(pool, 1)
	id, err := m.seller.Offer(m.ctx, o)
	require.NoError(m, err)
	m.sealed[id] = sealed
	m.certify(id, 1)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	delivery := m.delivery(id)
	require.NoError(m, m.seller.Deliver(m.ctx, delivery))

	for name, again := range map[string]struct {
		by   Ledger
		step func() error
	}{
		"offer":    {m.seller, func() error { _, err := m.seller.Offer(m.ctx, o); return err }},
		"certify":  {m.validators[0], func() error { return m.validators[0].Certify(m.ctx, id, m.facts(id), m.accept()) }},
		"ack":      {m.buyer, func() error { return m.buyer.Ack(m.ctx, m.acked(id)) }},
		"deliver":  {m.seller, func() error { return m.seller.Deliver(m.ctx, delivery) }},
		"register": {m.validators[0], func() error { return m.validators[0].RegisterValidator(m.ctx, m.registration()) }},
	} {
		had, deal := m.spendable(again.by), m.deal(id)
		err := again.step()
		require.Error(m, err, name)
		require.True(m, errors.Is(err, pdx.ErrRefused) || errors.Is(err, pdx.ErrWrongState), "%s: %v", name, err)
		var refusal *client.Refusal
		require.ErrorAs(m, err, &refusal, name)
		require.NotEmpty(m, refusal.Log, name)
		require.Equal(m, had, m.spendable(again.by), "%s, refused, costs nothing", name)
		require.Equal(m, deal, m.deal(id), name)
	}
}

func testRefused(m *market) {
	pool := m.openPool(2, 1)
	for name, spoil := range map[string]func(*pdx.Offer){
		"term":   func(o *pdx.Offer) { o.Agreed = nil },
		"seller": func(o *pdx.Offer) { o.Validators = m.accounts(2)[1:] },
		"fields": func(o *pdx.Offer) { o.Fields = nil },
		"size":   func(o *pdx.Offer) { o.Dataset.Size = 1 },
		"key":    func(o *pdx.Offer) { o.Dataset.Key = pdx.Element{} },
		"cipher": func(o *pdx.Offer) { o.Dataset.AEAD = "ROT13" },
	} {
		o, _ := m.newOffer(pool, 1)
		spoil(&o)
		_, err := m.seller.Offer(m.ctx, o)
		require.True(m, errors.Is(err, pdx.ErrInvalid) || errors.Is(err, pdx.ErrRefused), "%s: %v", name, err)
	}
	o, _ := m.newOffer(pool, 1)
	_, err := m.buyer.Offer(m.ctx, o)
	require.ErrorIs(m, err, pdx.ErrRefused, "a buyer sells nothing to itself")

	id := m.offer(pool, 1)
	require.ErrorIs(m, m.seller.Certify(m.ctx, id, m.facts(id), m.accept()), pdx.ErrRefused)
	require.ErrorIs(m, m.validators[0].Certify(m.ctx, id, m.facts(id), pdx.Certificate{}), pdx.ErrInvalid, "rejection without a reason")
	rejection := pdx.Certificate{Reason: pdx.RejectFields, Report: m.accept().Report}
	require.NoError(m, m.validators[0].Certify(m.ctx, id, m.facts(id), rejection))
	deal := m.deal(id)
	require.Len(m, deal.Certificates, 1)
	require.Equal(m, pdx.RejectFields, deal.Certificates[0].Reason)
	require.Empty(m, deal.Accepted())

	id = m.offer(pool, 1)
	m.certify(id, 1)
	require.ErrorIs(m, m.seller.Ack(m.ctx, m.acked(id)), pdx.ErrRefused)
	require.ErrorIs(m, m.buyer.Ack(m.ctx, nil), pdx.ErrInvalid)
	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(id, id)), pdx.ErrInvalid)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	forged := m.delivery(id)
	forged.D1, forged.D2 = forged.D2, forged.D1
	require.ErrorIs(m, m.seller.Deliver(m.ctx, forged), pdx.ErrRefused)
	require.ErrorIs(m, m.buyer.Deliver(m.ctx, m.delivery(id)), pdx.ErrRefused)
	short := m.delivery(id)
	short.Proof = short.Proof[:95]
	require.ErrorIs(m, m.seller.Deliver(m.ctx, short), pdx.ErrInvalid)
}

func testPoor(m *market) {
	poor := m.As(Poor)
	require.Zero(m, m.spendable(poor))
	require.Zero(m, m.withdrawable(poor))
	pool := m.openPool(1, 1)
	o, _ := m.newOffer(pool, 1)
	_, err := poor.Offer(m.ctx, o)
	require.ErrorIs(m, err, pdx.ErrNoFunds)
	require.ErrorContains(m, err, "send MED to it")
	_, err = poor.Withdraw(m.ctx)
	require.ErrorIs(m, err, pdx.ErrNoFunds)
	_, err = m.seller.Withdraw(m.ctx)
	require.ErrorIs(m, err, pdx.ErrNoFunds, "there is nothing to withdraw")
}

func testNotFound(m *market) {
	_, err := m.buyer.Pool(m.ctx, 1)
	require.ErrorIs(m, err, pdx.ErrNotFound)
	_, err = m.buyer.Deal(m.ctx, 1)
	require.ErrorIs(m, err, pdx.ErrNotFound)
	_, err = m.buyer.DealByRoot(m.ctx, 1, pdx.ContentID{1}, pdx.Element{1})
	require.ErrorIs(m, err, pdx.ErrNotFound)
	_, err = m.buyer.Validator(m.ctx, m.buyer.Account())
	require.ErrorIs(m, err, pdx.ErrNotFound)
	_, _, err = m.buyer.ClosePool(m.ctx, 1, anyCost)
	require.ErrorIs(m, err, pdx.ErrNotFound)
	o, _ := m.newOffer(1, 1)
	_, err = m.seller.Offer(m.ctx, o)
	require.ErrorIs(m, err, pdx.ErrNotFound)
	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(1)), pdx.ErrNotFound)
	require.ErrorIs(m, m.validators[0].Certify(m.ctx, 1, m.facts(1), m.accept()), pdx.ErrNotFound)
	require.ErrorIs(m, m.seller.UpdateValidator(m.ctx, m.registration()), pdx.ErrNotFound)
	for _, wrong := range []pdx.Address{"", "panacea1", "cosmos1qyqszqgpqyqszqgpqyqszqgpqyqszqgpjnp7du"} {
		_, err = m.buyer.Withdrawable(m.ctx, wrong)
		require.ErrorIs(m, err, pdx.ErrInvalid, wrong)
		_, err = m.buyer.Balance(m.ctx, wrong)
		require.ErrorIs(m, err, pdx.ErrInvalid, wrong)
	}
}
