package datapooltest

import (
	"fmt"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// Wealth is the initial balance of every account of a market, in umed.
const Wealth pdx.Amount = 1_000_000_000_000

// Market is a chain with a buyer, a seller, three bonded validators whose
// commission is 1 %, and a pool of the buyer's.
type Market struct {
	*Chain
	T          testing.TB
	Buyer      pdx.Address
	BuyerKey   seal.BuyerKey            // for the next pool
	Keys       map[uint64]seal.BuyerKey // by pool
	Seller     pdx.Address
	Validators []pdx.Address
	Pool       uint64
	Sealed     map[uint64]Sealed // by deal
	datasets   int
}

// NewMarket opens a pool that wants target datasets; each change is applied to
// the message that creates it.
func NewMarket(t testing.TB, target uint64, changes ...func(*types.MsgCreatePool)) *Market {
	t.Helper()
	m := &Market{
		Chain: New(Config{}), T: t,
		Buyer: Account("buyer"), BuyerKey: seal.NewBuyerKey(), Seller: Account("seller"),
		Keys: map[uint64]seal.BuyerKey{}, Sealed: map[uint64]Sealed{},
	}
	m.Fund(m.Buyer, Wealth)
	m.Fund(m.Seller, Wealth)
	for i := range 3 {
		v := Account(fmt.Sprintf("validator %d", i))
		m.Fund(v, Wealth)
		m.Must(NewValidator(v, 100))
		m.Validators = append(m.Validators, v)
	}
	m.Pool = m.OpenPool(target, changes...)
	return m
}

// OpenPool opens another pool of the buyer's.
func (m *Market) OpenPool(target uint64, changes ...func(*types.MsgCreatePool)) uint64 {
	m.T.Helper()
	msg := m.NewPool(m.Buyer, m.BuyerKey, target, m.Validators...)
	for _, change := range changes {
		change(msg)
	}
	if msg.DrawCount != 0 && len(msg.DrawCommitment) == 0 {
		Draws(msg, m.BuyerKey, msg.DrawCount)
	}
	id := m.Must(msg).(*types.MsgCreatePoolResponse).PoolId
	m.Keys[id], m.BuyerKey = m.BuyerKey, seal.NewBuyerKey()
	return id
}

// Must runs a message that has to succeed.
func (m *Market) Must(msg sdk.Msg) any {
	m.T.Helper()
	response, err := m.Exec(msg)
	require.NoError(m.T, err)
	return response
}

// Offer offers a new dataset to the pool and returns the deal's number.
func (m *Market) Offer() uint64 {
	m.T.Helper()
	return m.OfferSealed(m.newSealed(types.DEAL_STATE_OFFERED))
}

// NewSealed returns a new dataset.
func (m *Market) NewSealed() Sealed {
	m.datasets++
	return Seal(fmt.Appendf(nil, "dataset %d", m.datasets))
}

// newSealed returns a new dataset that can come to the state: a fraud's box is bad.
func (m *Market) newSealed(state types.DealState) Sealed {
	sealed := m.NewSealed()
	if state == types.DEAL_STATE_FRAUD {
		return sealed.SpoilBox()
	}
	return sealed
}

// OfferSealed offers a dataset to the pool and returns the deal's number.
func (m *Market) OfferSealed(sealed Sealed) uint64 {
	m.T.Helper()
	id := m.Must(m.SellerOffer(sealed)).(*types.MsgOfferResponse).DealId
	m.Sealed[id] = sealed
	return id
}

// SellerOffer returns a message of the market's seller that the market's pool accepts: it names
// the validators, unless the pool draws them.
func (m *Market) SellerOffer(sealed Sealed) *types.MsgOffer {
	m.T.Helper()
	if m.GetPool().DrawCount != 0 {
		return m.NewOffer(m.Pool, m.Seller, sealed)
	}
	return m.NewOffer(m.Pool, m.Seller, sealed, m.Validators...)
}

// Reveal has the buyer reveal its part of the draws of the market's pool.
func (m *Market) Reveal() {
	m.T.Helper()
	m.Must(m.NewReveal(m.GetPool(), m.Keys[m.Pool]))
}

// Accept has the first bonded validators accept, as many as the deal requires.
func (m *Market) Accept(id uint64) {
	m.T.Helper()
	left := m.Deal(id).RequiredCertificates
	for _, v := range m.Validators {
		if left > 0 && m.Validator(v).Status == types.VALIDATOR_STATUS_BONDED {
			m.Must(m.NewAccept(id, v))
			left--
		}
	}
	require.Zero(m.T, left, "too few validators are bonded")
}

// Restore gives a validator that was slashed and jailed its bond back and waits
// until it can certify again.
func (m *Market) Restore(v pdx.Address) {
	m.T.Helper()
	if missing := Params().MinBond.Sub(m.Validator(v).Bond); missing.IsPositive() {
		m.Must(&types.MsgAddBond{Validator: string(v), Amount: sdk.NewCoin(pdx.Denom, missing)})
	}
	require.NoError(m.T, m.Past(0, m.Validator(v).JailedUntil))
	m.Must(&types.MsgUnjail{Validator: string(v)})
}

// Ack has the buyer acknowledge.
func (m *Market) Ack(ids ...uint64) {
	m.T.Helper()
	m.Must(m.NewAck(ids...))
}

// NewOffer returns a message that the pool accepts, whatever its price and terms.
func (m *Market) NewOffer(pool uint64, seller pdx.Address, sealed Sealed, validators ...pdx.Address) *types.MsgOffer {
	msg := m.Chain.NewOffer(pool, seller, sealed, validators...)
	_ = m.Read(func(ctx sdk.Context, q types.QueryServer) error { // a test may offer into a pool that is not there
		resp, err := q.Pool(ctx, &types.QueryPoolRequest{PoolId: pool})
		if err != nil {
			return err
		}
		pool, validators := resp.Pool, len(msg.Validators)
		msg.Price, msg.TermsHash = sdk.NewCoin(pool.Denom, pool.Price), pool.TermsHash
		params, err := q.Params(ctx, &types.QueryParamsRequest{})
		if err == nil {
			deposit := params.Params.Deposit(msg.DisclosedFields, pool.DrawCount, validators, pool.VerdictReward)
			msg.MaxDeposit = sdk.NewCoin(pool.Denom, deposit)
		}
		return err
	})
	return msg
}

// NewAccept returns a message that is accepted from a validator of the deal with this number.
func (m *Market) NewAccept(id uint64, validator pdx.Address) *types.MsgCertify {
	msg := m.Chain.NewAccept(m.find(id), validator)
	msg.DealId = id
	return msg
}

// NewReject returns a message that is accepted from a validator of the deal with this number.
func (m *Market) NewReject(id uint64, validator pdx.Address) *types.MsgCertify {
	msg := m.Chain.NewReject(m.find(id), validator)
	msg.DealId = id
	return msg
}

// NewAck returns a message that is accepted from the buyer of the market.
func (m *Market) NewAck(ids ...uint64) *types.MsgAck {
	var deals []types.Deal
	for _, id := range ids {
		deals = append(deals, m.find(id))
	}
	msg := m.Chain.NewAck(deals...)
	msg.Buyer, msg.DealIds = string(m.Buyer), ids
	return msg
}

// find reads a deal; it is zero if there is none.
func (m *Market) find(id uint64) (deal types.Deal) {
	_ = m.Read(func(ctx sdk.Context, q types.QueryServer) error { // none is what some tests are about
		resp, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
		if err == nil {
			deal = resp.Deal
		}
		return err
	})
	return deal
}

// Deliver has the seller deliver.
func (m *Market) Deliver(id uint64) {
	m.T.Helper()
	m.Must(m.NewDelivery(m.Deal(id), m.Sealed[id].Key))
}

// Expire has anyone end the deal's state after its deadline.
func (m *Market) Expire(id uint64) {
	m.T.Helper()
	m.PastDeal(id)
	m.Must(&types.MsgExpire{Sender: string(Account("anyone")), DealId: id})
}

// PastDeal goes to the first block in which the deal's state may be ended.
func (m *Market) PastDeal(id uint64) {
	m.T.Helper()
	deal := m.Deal(id)
	require.NoError(m.T, m.Past(deal.DeadlineHeight, deal.DeadlineTime))
}

// DealIn takes a new deal to a state, by the way that real ones go.
func (m *Market) DealIn(state types.DealState) uint64 {
	m.T.Helper()
	return m.SealedIn(state, m.newSealed(state))
}

// SealedIn takes a deal about a dataset to a state.
func (m *Market) SealedIn(state types.DealState, sealed Sealed) uint64 {
	m.T.Helper()
	id := m.OfferSealed(sealed)
	for _, step := range stepsTo[state] {
		step(m, id)
	}
	require.Equal(m.T, state, m.Deal(id).State)
	return id
}

func ack(m *Market, id uint64) { m.T.Helper(); m.Ack(id) }

func finalize(m *Market, id uint64) {
	m.T.Helper()
	m.PastDeal(id)
	m.Must(&types.MsgFinalize{Sender: string(Account("anyone")), DealId: id})
}

func complain(m *Market, id uint64) {
	m.T.Helper()
	deal := m.Deal(id)
	m.Must(m.NewBoxComplaint(deal, m.Keys[deal.PoolId]))
}

var stepsTo = map[types.DealState][]func(*Market, uint64){
	types.DEAL_STATE_OFFERED:     {},
	types.DEAL_STATE_CERTIFIED:   {(*Market).Accept},
	types.DEAL_STATE_ACKED:       {(*Market).Accept, ack},
	types.DEAL_STATE_DELIVERED:   {(*Market).Accept, ack, (*Market).Deliver},
	types.DEAL_STATE_FINAL:       {(*Market).Accept, ack, (*Market).Deliver, finalize},
	types.DEAL_STATE_LAPSED:      {(*Market).Expire},
	types.DEAL_STATE_UNACKED:     {(*Market).Accept, (*Market).Expire},
	types.DEAL_STATE_UNDELIVERED: {(*Market).Accept, ack, (*Market).Expire},
	types.DEAL_STATE_FRAUD:       {(*Market).Accept, ack, (*Market).Deliver, complain},
}
