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
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

func TestCreatePoolRefusals(t *testing.T) {
	type M = types.MsgCreatePool
	type market = *datapooltest.Market
	prove := func(key seal.BuyerKey, chain string, buyer pdx.Address) []byte {
		proof, err := key.Prove(attest.PoolKey{ChainID: chain, Buyer: buyer}.Hash())
		require.NoError(t, err)
		return proof
	}
	testRefusals(t, types.MsgServer.CreatePool, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, m.NewPool(m.Buyer, m.BuyerKey, 3, m.Validators...)
	}, []refusal[M]{
		{"no buyer key", func(_ market, m *M) { m.BuyerKey = nil }, types.ErrBuyerKey},
		{"buyer key is the identity", func(_ market, m *M) { m.BuyerKey = make([]byte, 32) }, types.ErrBuyerKey},
		{"buyer key not canonical", func(_ market, m *M) { m.BuyerKey = []byte(strings.Repeat("\xff", 32)) }, types.ErrBuyerKey},
		{"no proof", func(_ market, m *M) { m.KeyProof = nil }, types.ErrKeyProof},
		{"long proof", func(_ market, m *M) { m.KeyProof = append(m.KeyProof, 0) }, types.ErrKeyProof},
		{"false proof", func(_ market, m *M) { m.KeyProof[40] ^= 1 }, types.ErrKeyProof},
		{"proof for another chain", func(x market, m *M) { m.KeyProof = prove(x.BuyerKey, "panacea-3", x.Buyer) }, types.ErrKeyProof},
		{"proof by another buyer", func(x market, m *M) { m.KeyProof = prove(x.BuyerKey, x.Head().ChainID, x.Seller) }, types.ErrKeyProof},
		{"proof of another key", func(x market, m *M) { m.KeyProof = prove(seal.NewBuyerKey(), x.Head().ChainID, x.Buyer) }, types.ErrKeyProof},
		{"key of another pool", func(x market, m *M) {
			key := x.Keys[x.Pool]
			public := key.Public()
			m.BuyerKey, m.KeyProof = public[:], prove(key, x.Head().ChainID, x.Buyer)
		}, types.ErrBuyerKeySeen},
		{"no price", func(_ market, m *M) { m.Price.Amount = math.Int{} }, types.ErrAmount},
		{"zero price", func(_ market, m *M) { m.Price, m.Escrow = datapooltest.Coin(0), datapooltest.Coin(0) }, types.ErrAmount},
		{"price in another denomination", func(_ market, m *M) { m.Price.Denom = "uatom" }, types.ErrDenom},
		{"escrow in another denomination", func(_ market, m *M) { m.Escrow.Denom = "uatom" }, types.ErrDenom},
		{"no denomination", func(_ market, m *M) { m.Price.Denom = "" }, types.ErrDenom},
		{"no target", func(_ market, m *M) { m.TargetCount = 0 }, types.ErrTargetCount},
		{"no escrow", func(_ market, m *M) { m.Escrow = sdk.Coin{Denom: pdx.Denom} }, types.ErrAmount},
		{"escrow too small", func(_ market, m *M) { m.Escrow.Amount = m.Escrow.Amount.SubRaw(1) }, types.ErrEscrow},
		{"escrow too large", func(_ market, m *M) { m.Escrow.Amount = m.Escrow.Amount.AddRaw(1) }, types.ErrEscrow},
		{"price × target wraps round", func(_ market, m *M) {
			m.Price.Amount, m.TargetCount = math.NewIntFromUint64(1<<63+1), 2
			m.Escrow.Amount = math.NewInt(2)
		}, types.ErrEscrow},
		{"escrow beyond 64 bits", func(_ market, m *M) {
			m.Price.Amount, m.TargetCount = math.NewIntFromUint64(1<<63), 2
			m.Escrow.Amount = m.Price.Amount.MulRaw(2)
		}, types.ErrAmount},
		{"no criteria", func(_ market, m *M) { m.CriteriaCid = nil }, types.ErrCriteria},
		{"criteria with another codec", func(_ market, m *M) { m.CriteriaCid[1] = 0x70 }, types.ErrCriteria},
		{"no validators", func(_ market, m *M) { m.Validators = nil }, types.ErrPoolValidators},
		{"many validators", func(_ market, m *M) {
			m.Validators = nil
			for i := range types.MaxPoolValidators + 1 {
				m.Validators = append(m.Validators, string(datapooltest.Account(fmt.Sprint(i))))
			}
		}, types.ErrPoolValidators},
		{"repeated validator", func(_ market, m *M) { m.Validators[1] = m.Validators[0] }, types.ErrPoolValidators},
		{"repeated validator in upper case", func(_ market, m *M) { m.Validators[1] = strings.ToUpper(m.Validators[0]) }, types.ErrAddress},
		{"buyer validates", func(_ market, m *M) { m.Validators[0] = m.Buyer }, types.ErrPoolValidators},
		{"validator not registered", func(x market, m *M) { m.Validators[0] = string(x.Seller) }, types.ErrPoolValidatorFault},
		{"validator has left", func(x market, m *M) { x.Must(&types.MsgUnbond{Validator: m.Validators[0]}) }, types.ErrPoolValidatorFault},
		{"validator is jailed", func(x market, m *M) { x.DealIn(types.DEAL_STATE_FRAUD) }, types.ErrPoolValidatorFault},
		{"no certificates", func(_ market, m *M) { m.RequiredCertificates = 0 }, types.ErrCertificateCount},
		{"more certificates than validators", func(_ market, m *M) { m.RequiredCertificates = 4 }, types.ErrCertificateCount},
		{"draws fewer than must certify", func(_ market, m *M) { m.RequiredCertificates, m.DrawCount = 2, 1 }, types.ErrDrawCount},
		{"draws more than there are", func(_ market, m *M) { m.DrawCount = 4 }, types.ErrDrawCount},
		{"draws without a commitment", func(_ market, m *M) { m.DrawCount = 2 }, types.ErrDrawCommitment},
		{"commits to draws and has none", func(_ market, m *M) { m.DrawCommitment = tag }, types.ErrDrawCommitment},
		{"short commitment", func(_ market, m *M) { m.DrawCount, m.DrawCommitment = 2, tag[1:] }, types.ErrDrawCommitment},
		{"long commitment", func(_ market, m *M) { m.DrawCount, m.DrawCommitment = 2, append(bytes.Clone(tag), 0) }, types.ErrDrawCommitment},
		{"rewards above the price", func(_ market, m *M) { m.VerdictReward = m.Price.Amount.Uint64()/3 + 1 }, types.ErrVerdictReward},
		{"rewards of the drawn above the price", func(_ market, m *M) {
			m.DrawCount, m.DrawCommitment, m.VerdictReward = 2, tag, m.Price.Amount.Uint64()/2+1
		}, types.ErrVerdictReward},
		{"rewards beyond 64 bits", func(_ market, m *M) { m.VerdictReward = 1 << 63 }, types.ErrVerdictReward},
		{"a duty that pays less than it costs", func(x market, m *M) {
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
			m.DrawCount, m.DrawCommitment, m.VerdictReward = 2, tag, datapooltest.Economy().DrawnVerdictCost-1
		}, types.ErrVerdictReward},
		{"ack mode below zero", func(_ market, m *M) { m.AckMode = -1 }, types.ErrAckMode},
		{"unknown ack mode", func(_ market, m *M) { m.AckMode = 9 }, types.ErrAckMode},
		{"many terms", func(_ market, m *M) { m.Terms = make([]types.Term, types.MaxTerms+1) }, types.ErrTerms},
		{"repeated term", func(_ market, m *M) { m.Terms[1].Id = m.Terms[0].Id }, types.ErrTerms},
		{"term without title", func(_ market, m *M) { m.Terms[0].Title = "" }, types.ErrTerms},
		{"long term title", func(_ market, m *M) { m.Terms[0].Title = strings.Repeat("t", types.MaxTermTitleLen+1) }, types.ErrText},
		{"long term", func(_ market, m *M) { m.Terms[0].Description = strings.Repeat("t", types.MaxTermDescriptionLen+1) }, types.ErrText},
		{"term with escape", func(_ market, m *M) { m.Terms[0].Description = "fine\n\x1b[8m" }, types.ErrText},
		{"long title", func(_ market, m *M) { m.Title = strings.Repeat("t", types.MaxTitleLen+1) }, types.ErrText},
		{"title of two lines", func(_ market, m *M) { m.Title = "a\nb" }, types.ErrText},
		{"long media type", func(_ market, m *M) { m.MediaType = strings.Repeat("t", types.MaxMediaTypeLen+1) }, types.ErrText},
		{"short deadline", func(_ market, m *M) { m.Deadlines.Key = time.Nanosecond }, types.ErrDeadlines},
		{"negative deadline", func(_ market, m *M) { m.Deadlines.Dispute = -time.Hour }, types.ErrDeadlines},
		{"long deadline", func(_ market, m *M) { m.Deadlines.Certify = 31 * 24 * time.Hour }, types.ErrDeadlines},
		{"expiry now", func(x market, m *M) { m.ExpiryTime = x.Head().Time }, types.ErrExpiry},
		{"no expiry", func(_ market, m *M) { m.ExpiryTime = time.Time{} }, types.ErrExpiry},
		{"expiry far ahead", func(x market, m *M) { m.ExpiryTime = x.Head().Time.Add(366 * 24 * time.Hour) }, types.ErrExpiry},
		{"expiry at the end of time", func(_ market, m *M) { m.ExpiryTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }, types.ErrExpiry},
		{"dataset size beyond all", func(_ market, m *M) { m.MaxDatasetSize = types.MaxDatasetSize + 1 }, types.ErrMaxDatasetSize},
		{"dataset size beyond a validator's", func(_ market, m *M) { m.MaxDatasetSize = 1<<36 + 1 }, types.ErrPoolConditions},
		{"conditions of the last validator", func(x market, m *M) {
			c := types.DefaultConditions()
			c.MinIncome = datapooltest.Price/100 + 1
			x.Must(&types.MsgSetConditions{Validator: m.Validators[2], Conditions: c})
		}, types.ErrPoolConditions},
		{"no buyer", func(_ market, m *M) { m.Buyer = "" }, types.ErrAddress},
		{"no funds", func(x market, m *M) {
			m.TargetCount = uint64(datapooltest.Wealth)
			m.Escrow.Amount = m.Price.Amount.MulRaw(int64(m.TargetCount))
		}, types.ErrFunds},
	})
}

func TestCreatePoolFillsDefaults(t *testing.T) {
	m := datapooltest.NewMarket(t, 1, func(msg *types.MsgCreatePool) {
		msg.Deadlines.Ack = 7 * datapooltest.BlockTime
		msg.AckMode = types.ACK_MODE_UNSPECIFIED
	})
	pool := m.GetPool()
	want := datapooltest.Params().DefaultDeadlines
	want.Ack = 7 * datapooltest.BlockTime
	require.Equal(t, want, pool.Deadlines)
	require.Equal(t, types.ACK_MODE_BUYER, pool.AckMode)
	require.Equal(t, types.DefaultConditions().MaxDatasetSize, pool.MaxDatasetSize)
	require.Equal(t, types.HashTerms(datapooltest.Terms()), pool.TermsHash)
	require.Equal(t, int64(1001), pool.ExpiryHeight)
	require.Equal(t, m.Head().Time.Add(1000*datapooltest.BlockTime), pool.ExpiryTime)
	require.Equal(t, math.NewInt(datapooltest.Price), pool.Escrow)
}

func TestClosePoolRefusals(t *testing.T) {
	type M = types.MsgClosePool
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.ClosePool, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, &M{Buyer: string(m.Buyer), PoolId: m.Pool}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Buyer = "" }, types.ErrAddress},
		{"no such pool", func(_ market, m *M) { m.PoolId = 9 }, types.ErrPoolNotFound},
		{"another's pool", func(x market, m *M) { m.Buyer = string(x.Seller) }, types.ErrNotBuyer},
		{"closed", func(x market, m *M) { x.Must(&M{Buyer: m.Buyer, PoolId: m.PoolId}) }, types.ErrPoolNotOpen},
		{"dearer than it allows", func(x market, m *M) {
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
			x.Pool = x.OpenPool(2)
			x.Offer()
			m.PoolId, m.MaxCost = x.Pool, datapooltest.Economy().OfferCost-1
		}, types.ErrCloseCost},
		{"dearer than it can pay", func(x market, m *M) {
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
			poor := datapooltest.Account("poor")
			x.Fund(poor, 1)
			pool := x.NewPool(poor, seal.NewBuyerKey(), 1, x.Validators...)
			pool.Price, pool.Escrow = datapooltest.Coin(1), datapooltest.Coin(1)
			x.Pool = x.Must(pool).(*types.MsgCreatePoolResponse).PoolId
			x.Offer()
			m.Buyer, m.PoolId, m.MaxCost = string(poor), x.Pool, datapooltest.Economy().OfferCost
		}, types.ErrFunds},
		{"filled", func(x market, _ *M) { x.DealIn(types.DEAL_STATE_DELIVERED) }, types.ErrPoolNotOpen},
	})
}

func TestClosePoolRefundsWhatIsNotReserved(t *testing.T) {
	m := datapooltest.NewMarket(t, 3)
	reserved := m.DealIn(types.DEAL_STATE_ACKED)
	offered := m.Offer()
	refund := m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool}).(*types.MsgClosePoolResponse).Refund
	require.Equal(t, datapooltest.Coin(2*datapooltest.Price), refund)
	require.Equal(t, pdx.Amount(2*datapooltest.Price), m.Withdrawable(m.Buyer))
	m.CheckInvariants()

	_, err := m.Exec(m.NewAccept(offered, m.Validators[0]))
	requireError(t, err, types.ErrPoolNotOpen)

	m.Deliver(reserved)
	require.Equal(t, types.POOL_STATUS_CLOSED, m.GetPool().Status, "a closed pool is never filled")
	require.Equal(t, uint64(1), m.GetPool().DeliveredCount)
	m.CheckInvariants()
}
