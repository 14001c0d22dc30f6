package clienttest

import (
	"fmt"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

func testLists(m *market) {
	pools := []pdx.PoolID{m.openPool(3, 1)}
	for range 2 {
		id, err := m.buyer.CreatePool(m.ctx, m.newPool(3, 1))
		require.NoError(m, err)
		pools = append(pools, id)
	}
	_, _, err := m.buyer.ClosePool(m.ctx, pools[1], anyCost)
	require.NoError(m, err)
	buyer, nobody := m.buyer.Account(), m.As(Poor).Account()
	require.Equal(m, pools, m.pools(pdx.PoolFilter{Limit: 2}))
	require.Equal(m, pools, m.pools(pdx.PoolFilter{Buyer: buyer, Limit: 1}))
	require.Equal(m, []pdx.PoolID{pools[0], pools[2]}, m.pools(pdx.PoolFilter{Status: pdx.PoolOpen, Limit: 1}))
	require.Equal(m, pools[1:2], m.pools(pdx.PoolFilter{Buyer: buyer, Status: pdx.PoolClosed}))
	require.Empty(m, m.pools(pdx.PoolFilter{Buyer: nobody}))

	require.Equal(m, []pdx.PoolID{pools[2], pools[0]}, m.pools(pdx.PoolFilter{Status: pdx.PoolOpen, Limit: 1, Reverse: true}))
	dear, err := m.buyer.CreatePool(m.ctx, m.newPool(3, 1, func(p *pdx.NewPool) { p.Price, p.MediaType = price+1, "text/csv" }))
	require.NoError(m, err)
	open := []pdx.PoolID{pools[0], pools[2], dear}
	require.Equal(m, open, m.pools(pdx.PoolFilter{Status: pdx.PoolOpen, MinPrice: price, Limit: 1}))
	require.Equal(m, open[:2], m.pools(pdx.PoolFilter{Status: pdx.PoolOpen, MaxPrice: price}))
	require.Equal(m, open[2:], m.pools(pdx.PoolFilter{Status: pdx.PoolOpen, MediaType: "Text/CSV"}))
	_, _, err = m.buyer.Pools(m.ctx, pdx.PoolFilter{MinPrice: 2, MaxPrice: 1})
	require.ErrorIs(m, err, pdx.ErrInvalid)

	var deals []pdx.DealID
	for _, pool := range []pdx.PoolID{pools[0], pools[2], pools[0]} {
		deals = append(deals, m.offer(pool, 1))
	}
	m.certify(deals[2], 1)
	require.Equal(m, deals, m.deals(pdx.DealFilter{Limit: 2}))
	require.Equal(m, deals, m.deals(pdx.DealFilter{Seller: m.seller.Account(), Limit: 1}))
	require.Equal(m, deals, m.deals(pdx.DealFilter{Buyer: buyer, Limit: 3}))
	require.Equal(m, []pdx.DealID{deals[0], deals[2]}, m.deals(pdx.DealFilter{Pool: pools[0], Limit: 1}))
	require.Equal(m, deals[2:], m.deals(pdx.DealFilter{State: pdx.DealCertified}))
	require.Equal(m, deals[:1], m.deals(pdx.DealFilter{Pool: pools[0], State: pdx.DealOffered, Limit: 1}))
	require.Equal(m, []pdx.DealID{deals[2], deals[1], deals[0]}, m.deals(pdx.DealFilter{Limit: 2, Reverse: true}))
	require.Equal(m, deals, m.deals(pdx.DealFilter{Validator: m.validators[0].Account(), Limit: 2}))
	require.ElementsMatch(m, deals, m.deals(pdx.DealFilter{Due: 2 * long, Limit: 1}))
	require.Empty(m, m.deals(pdx.DealFilter{Due: short, Limit: 1}))
	require.Empty(m, m.deals(pdx.DealFilter{Validator: m.validators[1].Account()}))
	require.Empty(m, m.deals(pdx.DealFilter{Seller: nobody}))
	require.Empty(m, m.deals(pdx.DealFilter{Pool: pools[1]}))
	m.refusesFilters()
}

// refusesFilters lists by filters and cursors that are wrong.
func (m *market) refusesFilters() {
	for _, wrong := range []pdx.DealFilter{
		{State: "sold"}, {Seller: "panacea1"}, {Buyer: "bob"}, {Validator: "x"}, {Due: -1}, {Due: 1 << 62},
	} {
		_, _, err := m.buyer.Deals(m.ctx, wrong)
		require.ErrorIs(m, err, pdx.ErrInvalid, wrong)
	}
	_, _, err := m.buyer.Pools(m.ctx, pdx.PoolFilter{Buyer: "bob"})
	require.ErrorIs(m, err, pdx.ErrInvalid)
	_, _, err = m.buyer.Pools(m.ctx, pdx.PoolFilter{Status: "unspecified"})
	require.ErrorIs(m, err, pdx.ErrInvalid)
	for _, cursor := range []string{"no hex", "00"} {
		_, _, err := m.buyer.Deals(m.ctx, pdx.DealFilter{Cursor: cursor})
		require.ErrorIs(m, err, pdx.ErrInvalid, cursor)
		_, _, err = m.buyer.Pools(m.ctx, pdx.PoolFilter{Cursor: cursor})
		require.ErrorIs(m, err, pdx.ErrInvalid, cursor)
	}
}

// pools walks all pages.
func (m *market) pools(f pdx.PoolFilter) []pdx.PoolID {
	m.Helper()
	var ids []pdx.PoolID
	for {
		page, next, err := m.buyer.Pools(m.ctx, f)
		require.NoError(m, err)
		if f.Limit != 0 {
			require.LessOrEqual(m, len(page), f.Limit)
		}
		for _, p := range page {
			require.Equal(m, m.pool(p.ID), p)
			ids = append(ids, p.ID)
		}
		if next == "" {
			return ids
		}
		f.Cursor = next
	}
}

func (m *market) deals(f pdx.DealFilter) []pdx.DealID {
	m.Helper()
	var ids []pdx.DealID
	for {
		page, next, err := m.buyer.Deals(m.ctx, f)
		require.NoError(m, err)
		if f.Limit != 0 {
			require.LessOrEqual(m, len(page), f.Limit)
		}
		for _, d := range page {
			require.Equal(m, m.deal(d.ID), d)
			ids = append(ids, d.ID)
		}
		if next == "" {
			return ids
		}
		f.Cursor = next
	}
}

func (m *market) registration() pdx.Validator {
	m.Helper()
	params, err := m.buyer.Params(m.ctx)
	require.NoError(m, err)
	return pdx.Validator{
		Moniker: "v", Bond: pdx.Amount(params.MinBond.Uint64()), Commission: commission, MaxCommission: 1000, MaxChange: 100,
		PeerID: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
	}
}

func testValidators(m *market) {
	none, err := m.buyer.Validators(m.ctx)
	require.NoError(m, err)
	require.Empty(m, none)

	had, wanted, v := m.spendable(m.validators[0]), m.registration(), m.validators[0]
	require.NoError(m, v.RegisterValidator(m.ctx, wanted))
	m.requireSpent(v, had, wanted.Bond, 1)
	wanted.Address, wanted.Status = v.Account(), pdx.ValidatorBonded
	got, err := m.buyer.Validator(m.ctx, v.Account())
	require.NoError(m, err)
	require.NotNil(m, got.Conditions)
	got.Conditions = nil
	require.Equal(m, wanted, got)
	require.ErrorIs(m, v.RegisterValidator(m.ctx, wanted), pdx.ErrRefused)

	wanted.Moniker, wanted.Addresses = "moved", []string{"/dns4/example.org/udp/4001/quic-v1"}
	require.NoError(m, v.UpdateValidator(m.ctx, wanted))
	all, err := m.buyer.Validators(m.ctx)
	require.NoError(m, err)
	require.Equal(m, []pdx.Validator{wanted}, all)

	for name, spoil := range map[string]func(*pdx.Validator){
		"bond":       func(v *pdx.Validator) { v.Bond-- },
		"commission": func(v *pdx.Validator) { v.Commission = 10_001 },
		"peer":       func(v *pdx.Validator) { v.PeerID = "a b" },
		"addresses":  func(v *pdx.Validator) { v.Addresses = []string{"here"} },
	} {
		wrong := m.registration()
		spoil(&wrong)
		require.ErrorIs(m, m.validators[1].RegisterValidator(m.ctx, wrong), pdx.ErrInvalid, name)
	}
	rich := m.registration()
	rich.Bond = Wealth * 1000
	require.ErrorIs(m, m.validators[1].RegisterValidator(m.ctx, rich), pdx.ErrNoFunds)
}

func testAtOnce(m *market) {
	const many = 12
	deposit, had := m.deposit(), m.spendable(m.seller)
	pool := m.openPool(many, 1)
	failed, ids := make([]error, many), make([]pdx.DealID, many)
	offers := make([]pdx.Offer, many)
	for i := range offers {
		offers[i], _ = m.newOffer(pool, 1)
	}
	var all sync.WaitGroup
	for i := range offers {
		all.Go(func() { ids[i], failed[i] = m.seller.Offer(m.ctx, offers[i]) })
	}
	all.Wait()
	seen := map[pdx.DealID]bool{}
	for i, id := range ids {
		require.NoError(m, failed[i])
		require.False(m, seen[id], "deal %d was made twice", id)
		seen[id] = true
		require.Equal(m, offers[i].Dataset, m.deal(id).Dataset, fmt.Sprintf("offer %d", i))
	}
	require.Len(m, m.deals(pdx.DealFilter{}), many)
	m.requireSpent(m.seller, had, many*deposit, many)
}
