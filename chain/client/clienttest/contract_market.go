package clienttest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

const (
	price      = pdx.Amount(10_000_000)
	commission = 100 // basis points
	// long is a deadline that no test reaches, short one that it waits for.
	long, short = time.Hour, time.Second
	// patience bounds a test, even on a busy machine.
	patience = 2 * time.Minute
)

// market is a chain with a buyer, a seller and three validators that are not
// registered yet.
type market struct {
	*testing.T
	Chain
	ctx           context.Context //nolint:containedctx // the test's, for all its steps
	buyer, seller Ledger
	validators    []Ledger
	key           seal.BuyerKey // of the last pool
	datasets      int
	sealed        map[pdx.DealID]datapooltest.Sealed
}

func newMarket(t *testing.T, chain Chain) *market {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	m := &market{
		T: t, Chain: chain, ctx: ctx, sealed: map[pdx.DealID]datapooltest.Sealed{},
		buyer: chain.As("buyer"), seller: chain.As("seller"),
	}
	for i := range 3 {
		m.validators = append(m.validators, chain.As(fmt.Sprintf("validator %d", i)))
	}
	return m
}

func (m *market) head() pdx.Head {
	m.Helper()
	head, err := m.buyer.Head(m.ctx)
	require.NoError(m, err)
	return head
}

// bond registers the first n validators.
func (m *market) bond(n int) {
	m.Helper()
	params, err := m.buyer.Params(m.ctx)
	require.NoError(m, err)
	for i, v := range m.validators[:n] {
		require.NoError(m, v.RegisterValidator(m.ctx, pdx.Validator{
			Moniker: fmt.Sprintf("v%d", i), Bond: pdx.Amount(params.MinBond.Uint64()),
			Commission: commission, MaxCommission: 1000, MaxChange: 100,
			PeerID:    "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN",
			Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
		}))
	}
}

func (m *market) accounts(n int) []pdx.Address {
	var list []pdx.Address
	for _, v := range m.validators[:n] {
		list = append(list, v.Account())
	}
	return list
}

// newPool trusts the first n validators and requires a certificate of each. Its
// key is new, as it must be, and the market's from then on.
func (m *market) newPool(target uint64, n int, changes ...func(*pdx.NewPool)) pdx.NewPool {
	m.Helper()
	head := m.head()
	m.key = seal.NewBuyerKey()
	possession, err := m.key.Prove(attest.PoolKey{ChainID: head.ChainID, Buyer: m.buyer.Account()}.Hash())
	require.NoError(m, err)
	p := pdx.NewPool{
		Key: m.key.Public(), KeyProof: possession, Title: "Blood pressure, adults", MediaType: "application/fhir+ndjson",
		Price: price, TargetCount: target, Criteria: sha256.Sum256([]byte("criteria")),
		Certificates: uint32(n), Validators: m.accounts(n),
		Terms:     terms(),
		Deadlines: pdx.Deadlines{Certify: long, Ack: long, Key: long, Dispute: short},
		Expiry:    head.Time.Add(24 * time.Hour).Truncate(time.Second).UTC(),
	}
	for _, change := range changes {
		change(&p)
	}
	return p
}

func terms() []pdx.Term {
	return []pdx.Term{
		{ID: 1, Required: true, Title: "Use", Description: "For research only."},
		{ID: 2, Title: "Contact", Description: "May ask again."},
	}
}

// openPool registers n validators and opens a pool.
func (m *market) openPool(target uint64, n int, changes ...func(*pdx.NewPool)) pdx.PoolID {
	m.Helper()
	m.bond(n)
	p := m.newPool(target, n)
	for _, change := range changes {
		change(&p)
	}
	id, err := m.buyer.CreatePool(m.ctx, p)
	require.NoError(m, err)
	return id
}

// newOffer seals a dataset of its own.
func (m *market) newOffer(pool pdx.PoolID, n int) (pdx.Offer, datapooltest.Sealed) {
	m.datasets++
	sealed := datapooltest.Seal(fmt.Appendf(nil, "dataset %d", m.datasets))
	offer := pdx.Offer{
		Pool: pool, Dataset: sealed.Dataset, Validators: m.accounts(n), Agreed: []uint32{1},
		Fields: disclosed,
		Price:  price, MaxCommission: uint32(n) * 1000, MaxDeposit: m.deposit(), TermsHash: attest.TermsHash(terms()),
		Possession: sealed.Possession(m.head().ChainID, uint64(pool), m.seller.Account()),
	}
	if p, err := m.buyer.Pool(m.ctx, pool); err == nil {
		offer.Price, offer.TermsHash, offer.MaxDeposit = p.Price, p.TermsHash, m.depositIn(p, n)
	}
	return offer, sealed
}

func (m *market) offer(pool pdx.PoolID, n int) pdx.DealID {
	m.Helper()
	o, sealed := m.newOffer(pool, n)
	id, err := m.seller.Offer(m.ctx, o)
	require.NoError(m, err)
	m.sealed[id] = sealed
	return id
}

func (m *market) accept() pdx.Certificate {
	m.Helper()
	return pdx.Certificate{Accepted: true, Report: sha256.Sum256([]byte("report")), Available: true, ExpiryHeight: m.head().Height + 1_000_000}
}

// certify has the first n validators accept.
func (m *market) certify(id pdx.DealID, n int) {
	m.Helper()
	for _, v := range m.validators[:n] {
		require.NoError(m, v.Certify(m.ctx, id, m.facts(id), m.accept()))
	}
}

// delivery returns what the chain takes for a deal that is acked.
// The height is that of an ack by voucher, if there is one.
func (m *market) delivery(id pdx.DealID, height ...int64) pdx.Delivery {
	m.Helper()
	deal := m.deal(id)
	for _, h := range height {
		deal.AckHeight = h
	}
	d1, d2, proof, err := m.sealed[id].Key.Deliver(attest.Deliver{
		ChainID: m.head().ChainID, Pool: deal.Pool, Deal: id, Seller: deal.Seller, Buyer: deal.Buyer,
		Denom: pdx.Denom, Price: uint64(deal.Price), AckHeight: deal.AckHeight,
		Cert: attest.CertHash(deal.Dataset, deal.Criteria, deal.Accepted()),
	}.Hash(), deal.BuyerKey)
	require.NoError(m, err)
	return pdx.Delivery{Deal: id, D1: d1, D2: d2, Proof: proof}
}

func (m *market) deal(id pdx.DealID) pdx.Deal {
	m.Helper()
	deal, err := m.buyer.Deal(m.ctx, id)
	require.NoError(m, err)
	return deal
}

func (m *market) pool(id pdx.PoolID) pdx.Pool {
	m.Helper()
	pool, err := m.buyer.Pool(m.ctx, id)
	require.NoError(m, err)
	return pool
}

func (m *market) spendable(l Ledger) pdx.Amount {
	m.Helper()
	amount, err := l.Balance(m.ctx, l.Account())
	require.NoError(m, err)
	return amount
}

func (m *market) withdrawable(l Ledger) pdx.Amount {
	m.Helper()
	amount, err := l.Withdrawable(m.ctx, l.Account())
	require.NoError(m, err)
	return amount
}

// disclosed are the fields of each offer.
var disclosed = []string{"/resourceType", "/valueQuantity"}

func (m *market) deposit() pdx.Amount {
	m.Helper()
	return m.depositIn(pdx.Pool{}, 2)
}

// depositIn is that of an offer to n validators of a pool.
func (m *market) depositIn(p pdx.Pool, n int) pdx.Amount {
	m.Helper()
	amount, err := m.seller.OfferDeposit(m.ctx, p, disclosed, n)
	require.NoError(m, err)
	require.Positive(m, amount)
	return amount
}

// passDeal goes beyond the deadline of a deal's state.
func (m *market) passDeal(id pdx.DealID) {
	m.Helper()
	deal := m.deal(id)
	m.Pass(deal.DeadlineHeight, deal.DeadlineTime)
}

// requireSpent checks what an account paid since it had before: exactly amount,
// and the fees of that many transactions.
func (m *market) requireSpent(l Ledger, before, amount pdx.Amount, transactions int) {
	m.Helper()
	spent := before - m.spendable(l)
	require.GreaterOrEqual(m, spent, amount)
	require.LessOrEqual(m, spent-amount, m.FeeLimit()*pdx.Amount(transactions))
}

func states(deal pdx.Deal) []pdx.DealState {
	var list []pdx.DealState
	for _, step := range deal.History {
		list = append(list, step.State)
	}
	return list
}
