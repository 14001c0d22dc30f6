package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

const (
	reward      pdx.Amount = 1_000_000
	verdictCost pdx.Amount = 500_000
	drawnCost   pdx.Amount = 600_000 // of a verdict where validators are drawn
	offerCost   pdx.Amount = 900_000
	// wholeDeposit is that of an offer to three validators: base, 27 bytes of fields, and
	// their rewards.
	wholeDeposit = deposit + 27*150 + 3*reward
)

// rewarding has a pool that pays verdicts, at the default amounts.
func rewarding(t *testing.T, changes ...func(*types.MsgCreatePool)) *datapooltest.Market {
	t.Helper()
	m := datapooltest.NewMarket(t, 1)
	params := datapooltest.Economy()
	params.MaxOffersPerSlot, params.MaxOffersAhead = 100, 100
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	m.Pool = m.OpenPool(9, append([]func(*types.MsgCreatePool){func(p *types.MsgCreatePool) {
		p.VerdictReward = uint64(reward)
	}}, changes...)...)
	return m
}

func unavailable(m *datapooltest.Market, id uint64, v pdx.Address) *types.MsgCertify {
	msg := m.NewReject(id, v)
	msg.Reason = types.REJECT_REASON_UNAVAILABLE
	return msg
}

func TestAcceptsAreRewardedFromThePrice(t *testing.T) {
	m := rewarding(t, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	m.Must(m.NewReject(m.Offer(), m.Validators[2]))
	id := uint64(1)
	require.Equal(t, uint64(wholeDeposit), m.Deal(id).Deposit.Uint64())
	m.Accept(id)
	m.Ack(id)
	m.Deliver(id)
	finalize(m, id)
	// 1 % of the 8 MED that the rewards leave.
	require.Equal(t, 8_000_000-2*80_000+wholeDeposit, m.Withdrawable(m.Seller))
	require.Equal(t, reward+80_000, m.Withdrawable(m.Validators[0]))
	require.Equal(t, reward+80_000, m.Withdrawable(m.Validators[1]))
	require.Zero(t, m.Withdrawable(m.Validators[2]), "a reject of a deal that was sold")
	m.CheckInvariants()
}

func TestAnUndeliveredDealPaysItsAcceptsFromTheDeposit(t *testing.T) {
	m := rewarding(t)
	id := m.DealIn(types.DEAL_STATE_UNDELIVERED)
	require.Equal(t, reward, m.Withdrawable(m.Validators[0]))
	require.Equal(t, wholeDeposit-reward, m.Withdrawable(m.Buyer))
	require.Zero(t, m.Withdrawable(m.Seller))
	require.True(t, m.Deal(id).State.Ended())
	m.CheckInvariants()
}

// verdict is one that a validator gives before a deal lapses.
type verdict func(*datapooltest.Market, uint64, pdx.Address) *types.MsgCertify

func accepts(m *datapooltest.Market, id uint64, v pdx.Address) *types.MsgCertify {
	return m.NewAccept(id, v)
}

func rejects(m *datapooltest.Market, id uint64, v pdx.Address) *types.MsgCertify {
	return m.NewReject(id, v)
}

// TestALapseDividesTheDeposit goes through what validators may have said of a deal of three
// validators, of whom three must accept, before it lapses at its deadline or by a verdict.
func TestALapseDividesTheDeposit(t *testing.T) {
	const all, cost, drawn = wholeDeposit, verdictCost, drawnCost
	type amounts = []pdx.Amount
	for name, row := range map[string]lapsed{
		"silence":     {k: 1, seller: all},
		"one rejects": {k: 1, verdicts: []verdict{rejects}, earned: amounts{reward}, community: all - reward},
		"all reject": {
			k: 1, verdicts: []verdict{rejects, rejects, rejects}, earned: amounts{reward, reward, reward}, community: all - 3*reward,
		},
		"one rejects where all must accept": {k: 3, verdicts: []verdict{rejects}, earned: amounts{reward}, community: all - reward},
		"one accepts":                       {k: 2, verdicts: []verdict{accepts}, earned: amounts{cost}, seller: all - cost},
		"an accept and a reject": {
			k: 2, verdicts: []verdict{accepts, rejects}, earned: amounts{0, reward}, community: all - reward,
		},
		"unavailable":     {k: 1, verdicts: []verdict{unavailable}, seller: all},
		"all unavailable": {k: 1, verdicts: []verdict{unavailable, unavailable, unavailable}, seller: all},
		"unavailable and a reject": {
			k: 1, verdicts: []verdict{unavailable, rejects}, earned: amounts{cost, reward}, community: all - reward - cost,
		},
		"the pool closes":                {k: 1, close: true, verdicts: []verdict{unavailable}, seller: all + offerCost},
		"the pool closes after a reject": {k: 1, close: true, verdicts: []verdict{rejects}, earned: amounts{cost}, seller: all + offerCost},
		"drawn, silence":                 {draw: true, k: 1, seller: all},
		"drawn, one accepts":             {draw: true, k: 2, verdicts: []verdict{accepts}, earned: amounts{drawn}, community: all - drawn},
		"drawn, unavailable":             {draw: true, k: 1, verdicts: []verdict{unavailable}, earned: amounts{drawn}, community: all - drawn},
		"drawn, a reject":                {draw: true, k: 1, verdicts: []verdict{rejects}, earned: amounts{reward}, community: all - reward},
		"drawn, the pool closes": {
			draw: true, close: true, k: 2, verdicts: []verdict{accepts}, earned: amounts{drawn}, seller: all + offerCost,
		},
		"drawn, an accept and a reject, the pool closes": {
			draw: true, close: true, k: 2, verdicts: []verdict{accepts, rejects}, earned: amounts{drawn, drawn}, seller: all + offerCost,
		},
		"drawn, unavailable, the pool closes": {
			draw: true, close: true, k: 1, verdicts: []verdict{unavailable, rejects}, earned: amounts{drawn, drawn}, seller: all + offerCost,
		},
		"the pool closes under silence": {close: true, k: 1, seller: all + offerCost},
		"a dispute":                     {k: 2, verdicts: []verdict{accepts, rejects, rejects}, earned: amounts{cost, 0, 0}, seller: all - cost},
		"drawn, a dispute with one who says unavailable": {
			draw: true, k: 2, verdicts: []verdict{rejects, accepts, unavailable}, earned: amounts{0, drawn, 0}, seller: all - drawn,
		},
		"no dispute, for one is silent": {
			k: 2, verdicts: []verdict{rejects, rejects}, earned: amounts{reward, reward}, community: all - 2*reward,
		},
	} {
		t.Run(name, row.check)
	}
}

// lapsed is what validators say of a deal that lapses, and what its deposit is divided into.
type lapsed struct {
	draw      bool
	close     bool // the pool, before the deadline; its buyer then pays for the offer and its verdicts
	k         uint32
	verdicts  []verdict
	seller    pdx.Amount
	earned    []pdx.Amount
	community pdx.Amount
}

func (row lapsed) check(t *testing.T) {
	m := rewarding(t, func(p *types.MsgCreatePool) {
		p.RequiredCertificates = row.k
		if row.draw {
			p.DrawCount = 3
		}
	})
	had := m.Withdrawable(m.Buyer)
	id := m.Offer()
	if row.draw {
		drawNow(t, m)
	}
	validators := m.Deal(id).Validators
	require.Len(t, validators, 3)
	for i, give := range row.verdicts {
		m.Must(give(m, id, pdx.Address(validators[i].Address)))
	}
	if row.close {
		closes := &types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool, MaxCost: uint64(datapooltest.Wealth)}
		res := m.Must(closes).(*types.MsgClosePoolResponse)
		had = m.Withdrawable(m.Buyer) + pdx.Amount(res.Held.Amount.Uint64())
		had -= offerCost
		for _, earned := range row.earned {
			had -= earned
		}
	}
	m.CheckInvariants()
	if !m.Deal(id).State.Ended() {
		m.Expire(id)
	}
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	for i, want := range row.earned {
		require.Equal(t, want, m.Withdrawable(pdx.Address(validators[i].Address)), "verdict %d", i)
	}
	require.Equal(t, row.seller, m.Withdrawable(m.Seller), "seller")
	require.Equal(t, row.community, m.Withdrawable(datapooltest.Authority()), "community")
	require.Equal(t, had, m.Withdrawable(m.Buyer), "the buyer, who could have friends reject, gains nothing")
	m.CheckInvariants()
}

// widest has a pool that draws as many validators as it can, requires k of them, and pays as
// little as it may; and a dataset for which all are drawn.
func widest(t *testing.T, k uint32) (m *datapooltest.Market, id uint64) {
	t.Helper()
	m = rewarding(t)
	for len(m.Validators) < types.MaxPoolValidators {
		v := datapooltest.Account("another validator " + string(rune('a'+len(m.Validators))))
		m.Fund(v, datapooltest.Wealth)
		m.Must(datapooltest.NewValidator(v, 100))
		m.Validators = append(m.Validators, v)
	}
	m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) {
		p.DrawCount, p.RequiredCertificates, p.VerdictReward = types.MaxPoolValidators, k, uint64(drawnCost)
		p.Price, p.Escrow = datapooltest.Coin(types.MaxPoolValidators*drawnCost), datapooltest.Coin(types.MaxPoolValidators*drawnCost)
	})
	id = m.Offer()
	drawNow(t, m)
	require.Len(t, drawnFor(m, id), types.MaxPoolValidators)
	return m, id
}

// TestJunkCostsItsSellerMoreThanItsValidators has the largest number of validators reject an
// offer of junk. The seller's deposit pays their gas.
func TestJunkCostsItsSellerMoreThanItsValidators(t *testing.T) {
	m, id := widest(t, 1)
	had := m.Spendable(m.Seller) + pdx.Amount(m.Deal(id).Deposit.Uint64())
	for _, v := range drawnFor(m, id) {
		m.Must(unavailable(m, id, v))
		require.Equal(t, m.Deal(id).State.Ended(), m.Withdrawable(v) > 0)
	}
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	for _, v := range m.Validators {
		require.Equal(t, drawnCost, m.Withdrawable(v))
	}
	require.Zero(t, m.Withdrawable(m.Seller))
	require.Greater(t, had-m.Spendable(m.Seller), types.MaxPoolValidators*drawnCost, "and so much more than the others")
	m.CheckInvariants()
}

// TestFriendsMakeNobodyWorkForNothing has a buyer and a seller who are friends have the largest
// number of validators check good data, and end the deal in each way that costs neither of them
// its price: nobody acknowledges it, the pool closes under it, or their friend among the
// validators says nothing.
func TestFriendsMakeNobodyWorkForNothing(t *testing.T) {
	for name, row := range map[string]struct {
		k     uint32
		close bool
		state types.DealState
	}{
		"the buyer does not acknowledge": {1, false, types.DEAL_STATE_UNACKED},
		"the pool closes":                {types.MaxPoolValidators, true, types.DEAL_STATE_LAPSED},
		"a friend says nothing":          {types.MaxPoolValidators, false, types.DEAL_STATE_LAPSED},
	} {
		t.Run(name, func(t *testing.T) {
			m, id := widest(t, row.k)
			honest := drawnFor(m, id)
			if row.k > 1 {
				honest = honest[1:]
			}
			for _, v := range honest {
				m.Must(m.NewAccept(id, v))
			}
			if row.close {
				m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool, MaxCost: uint64(datapooltest.Wealth)})
			}
			had := m.Withdrawable(m.Buyer)
			m.Expire(id)
			require.Equal(t, row.state, m.Deal(id).State)
			for _, v := range honest {
				require.Equal(t, drawnCost, m.Withdrawable(v))
			}
			both := m.Withdrawable(m.Seller) + m.Withdrawable(m.Buyer) - had
			both -= pdx.Amount(m.GetPool().AckCosts.Uint64())
			if row.close {
				both -= offerCost + types.MaxPoolValidators*drawnCost // what was held
			}
			require.LessOrEqual(t, both, deposit+27*150+drawnCost, "the validators' part of the deposit is gone")
			m.CheckInvariants()
		})
	}
}

// TestOffersFollowWhatWasCertified lets a seller have one offer more than certified deals.
func TestOffersFollowWhatWasCertified(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
	another := func() *types.MsgOffer {
		return m.SellerOffer(m.NewSealed())
	}
	first := m.Offer()
	requireRefused(t, m, another(), types.ErrSellerOffers)
	m.Accept(first)
	m.Offer()
	second := m.Offer()
	requireRefused(t, m, another(), types.ErrSellerOffers)
	m.Expire(second)
	m.Expire(first)
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(first).State)
	m.Offer()
	requireRefused(t, m, another(), types.ErrSellerOffers)
	m.CheckInvariants()
}
