package keeper_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestOfferRefusals(t *testing.T) {
	type M = types.MsgOffer
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Offer, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
		return m, m.NewOffer(m.Pool, m.Seller, datapooltest.Seal([]byte("records")), m.Validators...)
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Seller = "" }, types.ErrAddress},
		{"no such pool", func(_ market, m *M) { m.PoolId = 9 }, types.ErrPoolNotFound},
		{"pool closed", func(x market, m *M) { x.Must(&types.MsgClosePool{Buyer: string(x.Buyer), PoolId: m.PoolId}) }, types.ErrPoolNotOpen},
		{"pool past its expiry", func(x market, _ *M) {
			pool := x.GetPool()
			require.NoError(t, x.Past(pool.ExpiryHeight, pool.ExpiryTime))
		}, types.ErrPoolNotOpen},
		{"pool expired", func(x market, _ *M) {
			pool := x.GetPool()
			require.NoError(t, x.Past(pool.ExpiryHeight+1, pool.ExpiryTime))
			require.Equal(t, types.POOL_STATUS_EXPIRED, x.GetPool().Status)
		}, types.ErrPoolNotOpen},
		{"pool full", func(x market, _ *M) {
			x.DealIn(types.DEAL_STATE_CERTIFIED)
			x.DealIn(types.DEAL_STATE_ACKED)
		}, types.ErrPoolFull},
		{"pool full of paid deals", func(x market, _ *M) {
			x.DealIn(types.DEAL_STATE_FINAL)
			x.DealIn(types.DEAL_STATE_CERTIFIED)
		}, types.ErrPoolFull},
		{"buyer sells", func(_ market, m *M) { m.Seller = string(datapooltest.Account("buyer")) }, types.ErrSelfDeal},
		{"more offers than a new seller may have", func(x market, _ *M) {
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
			x.Offer()
		}, types.ErrSellerOffers},
		{"more offers than the pool takes", func(x market, _ *M) {
			params := datapooltest.Params()
			params.MaxOffersPerSlot = 2
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
			for range 4 { // two slots
				x.Offer()
			}
		}, types.ErrPoolOffers},
		{"no root", func(_ market, m *M) { m.Dataset.Root = nil }, types.ErrRoot},
		{"long root", func(_ market, m *M) { m.Dataset.Root = append(m.Dataset.Root, 0) }, types.ErrRoot},
		{"root seen", func(x market, m *M) {
			x.Must(m)
		}, types.ErrRootSeen},
		{"size zero", func(_ market, m *M) { m.Dataset.Size_ = 0 }, types.ErrSize},
		{"size without a tag", func(_ market, m *M) { m.Dataset.Size_ = 65_536 + 15 }, types.ErrSize},
		{"size of full segments only", func(_ market, m *M) { m.Dataset.Size_ = 65_536 }, types.ErrSize},
		{"size too large", func(_ market, m *M) { m.Dataset.Size_ = types.MaxDatasetSize + 16 }, types.ErrSize},
		{"no dataset key", func(_ market, m *M) { m.Dataset.DatasetKey = nil }, types.ErrDatasetKey},
		{"dataset key is the identity", func(_ market, m *M) { m.Dataset.DatasetKey = make([]byte, 32) }, types.ErrDatasetKey},
		{"dataset key not canonical", func(_ market, m *M) { m.Dataset.DatasetKey = bytes.Repeat([]byte{0xff}, 32) }, types.ErrDatasetKey},
		{"short nonce", func(_ market, m *M) { m.Dataset.Nonce = m.Dataset.Nonce[1:] }, types.ErrNonce},
		{"unknown AEAD", func(_ market, m *M) { m.Dataset.Aead = "AEAD_AES_128_GCM" }, types.ErrAEAD},
		{"no AEAD", func(_ market, m *M) { m.Dataset.Aead = "" }, types.ErrAEAD},
		{"long box", func(_ market, m *M) { m.Dataset.Box = append(m.Dataset.Box, 0) }, types.ErrBox},
		{"no key commitment", func(_ market, m *M) { m.Dataset.KeyCommit = nil }, types.ErrKeyCommit},
		{"short commitment", func(_ market, m *M) { m.Dataset.PlaintextCommitment = m.Dataset.PlaintextCommitment[:31] }, types.ErrCommitment},
		{"unknown term", func(_ market, m *M) { m.Agreements[1].TermId = 3 }, types.ErrAgreements},
		{"term answered twice", func(_ market, m *M) { m.Agreements[1] = m.Agreements[0] }, types.ErrAgreements},
		{"many answers", func(_ market, m *M) { m.Agreements = make([]types.Agreement, types.MaxTerms+1) }, types.ErrAgreements},
		{"required term denied", func(_ market, m *M) { m.Agreements[0].Agreed = false }, types.ErrTermNotAgreed},
		{"required term not answered", func(_ market, m *M) { m.Agreements = nil }, types.ErrTermNotAgreed},
		{"no validators", func(_ market, m *M) { m.Validators = nil }, types.ErrOfferValidators},
		{"too few validators", func(_ market, m *M) { m.Validators = m.Validators[:1] }, types.ErrOfferValidators},
		{"repeated validator", func(_ market, m *M) { m.Validators[1] = m.Validators[0] }, types.ErrOfferValidators},
		{"foreign validator", func(_ market, m *M) { m.Validators[1] = string(datapooltest.Account("else")) }, types.ErrOfferValidators},
		{"many validators", func(_ market, m *M) { m.Validators = make([]string, types.MaxPoolValidators+1) }, types.ErrOfferValidators},
		{"validators named where they are drawn", func(x market, m *M) {
			m.PoolId = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 3 })
		}, types.ErrDrawAccepts},
		{"fewer candidates than are drawn", func(x market, m *M) {
			m.PoolId = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 3 })
			m.Seller, m.Validators = m.Validators[0], nil
		}, types.ErrOfferValidators},
		{"validator without a record", func(x market, _ *M) { forget(x, x.Validators[1]) }, types.ErrValidatorNotFound},
		{"seller certifies itself", func(x market, m *M) { m.Seller = string(x.Validators[0]) }, types.ErrOfferValidators},
		{"no fields", func(_ market, m *M) { m.DisclosedFields = nil }, types.ErrFields},
		{"many fields", func(_ market, m *M) {
			m.DisclosedFields = nil
			for i := range types.MaxDisclosedFields + 1 {
				m.DisclosedFields = append(m.DisclosedFields, fmt.Sprintf("/%d", i))
			}
		}, types.ErrFields},
		{"repeated field", func(_ market, m *M) { m.DisclosedFields = []string{"/a", "/a"} }, types.ErrFields},
		{"not a pointer", func(_ market, m *M) { m.DisclosedFields = []string{"a"} }, types.ErrFields},
		{"bad escape in a pointer", func(_ market, m *M) { m.DisclosedFields = []string{"/a~2"} }, types.ErrFields},
		{"long field", func(_ market, m *M) { m.DisclosedFields = []string{"/" + strings.Repeat("a", types.MaxFieldLen)} }, types.ErrFields},
		{"no price", func(_ market, m *M) { m.Price.Amount = math.ZeroInt() }, types.ErrAmount},
		{"price of another denomination", func(_ market, m *M) { m.Price.Denom = "uatom" }, types.ErrDenom},
		{"lower price", func(_ market, m *M) { m.Price = datapooltest.Coin(datapooltest.Price - 1) }, types.ErrOfferPrice},
		{"higher price", func(_ market, m *M) { m.Price = datapooltest.Coin(datapooltest.Price + 1) }, types.ErrOfferPrice},
		{"commission beyond the whole", func(_ market, m *M) { m.MaxCommissionBp = types.BasisPoints + 1 }, types.ErrCommission},
		{"commission too low", func(_ market, m *M) { m.MaxCommissionBp = 199 }, types.ErrOfferCommission},
		{"no deposit", func(_ market, m *M) { m.MaxDeposit = sdk.Coin{} }, types.ErrAmount},
		{"deposit of another denomination", func(_ market, m *M) { m.MaxDeposit.Denom = "uatom" }, types.ErrDenom},
		{"deposit too low", func(_ market, m *M) { m.MaxDeposit = datapooltest.Coin(999_999) }, types.ErrOfferDeposit},
		{"no terms hash", func(_ market, m *M) { m.TermsHash = nil }, types.ErrTermsHash},
		{"long terms hash", func(_ market, m *M) { m.TermsHash = append(m.TermsHash, 0) }, types.ErrTermsHash},
		{"other terms", func(_ market, m *M) { m.TermsHash = types.HashTerms(nil) }, types.ErrOfferTerms},
		{"dataset too large", func(x market, m *M) {
			m.PoolId = x.OpenPool(1, func(p *types.MsgCreatePool) { p.MaxDatasetSize = 16 })
		}, types.ErrDatasetTooLarge},
		{"no possession", func(_ market, m *M) { m.Possession = nil }, types.ErrPossession},
		{"long possession", func(_ market, m *M) { m.Possession = append(m.Possession, 0) }, types.ErrPossession},
		{"possession of nothing", func(_ market, m *M) { clear(m.Possession) }, types.ErrPossession},
		{"possession of another key", func(x market, m *M) {
			m.Possession = x.NewOffer(m.PoolId, x.Seller, datapooltest.Seal(nil), x.Validators...).Possession
		}, types.ErrPossession},
		{"possession for another pool", func(x market, m *M) { m.PoolId = x.OpenPool(1) }, types.ErrPossession},
		{"another's possession", func(_ market, m *M) {
			m.Seller = string(datapooltest.Account("poor"))
		}, types.ErrPossession},
		{"possession for another root", func(_ market, m *M) { m.Dataset.Root[0] ^= 1 }, types.ErrPossession},
		{"no funds", func(x market, m *M) {
			*m = *x.NewOffer(x.Pool, datapooltest.Account("poor"), datapooltest.Seal(nil), x.Validators...)
		}, types.ErrFunds},
	})
}

func TestOfferRefusesCommissionsAboveThePrice(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	var greedy []pdx.Address
	for _, name := range []string{"greedy", "greedier"} {
		v := datapooltest.Account(name)
		m.Fund(v, datapooltest.Wealth)
		m.Must(datapooltest.NewValidator(v, 5001))
		greedy = append(greedy, v)
	}
	for _, k := range []uint32{1, 2} {
		pool := m.OpenPool(1, func(p *types.MsgCreatePool) {
			p.Validators, p.RequiredCertificates = []string{string(greedy[0]), string(greedy[1])}, k
		})
		offer := m.NewOffer(pool, m.Seller, datapooltest.Seal(nil), greedy...)
		if k == 1 {
			m.Must(offer) // one of them leaves a share to the seller
		} else {
			requireRefused(t, m, offer, types.ErrCommissionTooBig)
		}
	}
}

func TestOfferSnapshotsTheTerms(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.Offer()
	before := m.Deal(id)
	pool := m.GetPool()
	require.Equal(t, pool.BuyerKey, before.BuyerKey)
	require.Equal(t, pool.TermsHash, before.TermsHash)
	require.Equal(t, pool.CriteriaCid, before.CriteriaCid)
	require.Equal(t, pool.Deadlines.Certify, before.Deadlines.Certify)
	require.Equal(t, pool.Deadlines.Ack+time.Second, before.Deadlines.Ack, "stretched by one second for one byte and more")
	require.Equal(t, pool.Deadlines.Dispute+time.Second, before.Deadlines.Dispute)
	for i, v := range before.Validators {
		require.Equal(t, types.AcceptedValidator{Address: string(m.Validators[i]), CommissionBp: 100}, v)
	}

	params := datapooltest.Params()
	params.OfferDeposit = params.OfferDeposit.MulRaw(5)
	params.BlockTime, params.AckBytesPerSecond = time.Millisecond, types.MinBytesPerSecond
	params.DefaultDeadlines.Key = params.MaxDeadlines.Key
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	require.Equal(t, before, m.Deal(id), "parameters do not touch an offered deal")

	m.Accept(id)
	m.Ack(id)
	require.Equal(t, m.Head().Height+20, m.Deal(id).DeadlineHeight, "deadlines are counted in blocks as when it was offered")
	m.Expire(id)
	require.Equal(t, pdx.Amount(1_000_000), m.Withdrawable(m.Buyer), "the deposit is the one that was paid")
	m.CheckInvariants()
}

func TestLapsedDatasetMayBeOfferedAgain(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.Offer()
	offer := m.NewOffer(m.Pool, m.Seller, m.Sealed[id], m.Validators...)
	m.Expire(id)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Equal(t, pdx.Amount(1_000_000), m.Withdrawable(m.Seller))
	again := m.Must(offer).(*types.MsgOfferResponse).DealId
	require.NotEqual(t, id, again)
	m.CheckInvariants()
}

// TestEndsByTheSellersFaultKeepTheRoot, as does a sale.
func TestEndsByTheSellersFaultKeepTheRoot(t *testing.T) {
	for _, state := range []types.DealState{types.DEAL_STATE_UNDELIVERED, types.DEAL_STATE_FRAUD, types.DEAL_STATE_FINAL} {
		m := datapooltest.NewMarket(t, 2)
		id := m.DealIn(state)
		_, err := m.Exec(m.NewOffer(m.Pool, m.Seller, m.Sealed[id], m.Validators...))
		requireError(t, err, types.ErrRootSeen)
	}
}
