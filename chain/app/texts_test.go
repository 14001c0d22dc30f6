package app_test

import (
	"fmt"
	"strings"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// longTexts gives a pool and an offer all the text that the limits allow.
func longTexts(pool *types.MsgCreatePool, offer *types.MsgOffer) {
	pool.Terms = nil
	for i := range types.MaxTerms {
		pool.Terms = append(pool.Terms, types.Term{
			Id: uint32(i), Title: strings.Repeat("t", types.MaxTermTitleLen), Description: strings.Repeat("d", types.MaxTermDescriptionLen),
		})
	}
	if offer == nil {
		return
	}
	offer.TermsHash, offer.Agreements, offer.DisclosedFields = types.HashTerms(pool.Terms), nil, nil
	for i := range types.MaxDisclosedFields {
		offer.DisclosedFields = append(offer.DisclosedFields, fmt.Sprintf("/%0*d", types.MaxFieldLen-1, i))
	}
}

// lifeGas is the gas of each step of a deal by somebody else than the one who wrote its texts.
func lifeGas(t *testing.T, long bool) map[string]int64 {
	names := []string{"buyer", "seller", "validator 0", "validator 1"}
	c := apptest.New(t, dbm.NewMemDB(), datapooltest.Params(), names)
	gas := map[string]int64{}
	step := func(name string, from pdx.Address, msg sdk.Msg) { gas[name] = c.Block(c.Sign(from, msg))[0].GasUsed }
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	validators := []pdx.Address{datapooltest.Account("validator 0"), datapooltest.Account("validator 1")}
	for _, v := range validators {
		step("register", v, datapooltest.NewValidator(v, 100))
	}
	pool := c.Messages().NewPool(buyer, seal.NewBuyerKey(), 9, validators...)
	slim := c.Messages().NewOffer(1, seller, datapooltest.Seal(nil), validators...)
	sealed := datapooltest.Seal(nil)
	offer := c.Messages().NewOffer(1, seller, sealed, validators...)
	if long {
		longTexts(pool, offer)
		slim.TermsHash, slim.Agreements = offer.TermsHash, nil
	}
	step("pool", buyer, pool)
	step("offer without text", seller, slim)
	step("offer", seller, offer)
	accept := func(v pdx.Address) *types.MsgCertify {
		msg := c.Messages().NewAccept(c.Deal(2), v)
		msg.ExpiryHeight = c.Height + 1000
		return msg
	}
	reject := c.Messages().NewReject(c.Deal(2), validators[1])
	step("reject", validators[1], reject)
	step("accept", validators[0], accept(validators[0]))
	step("ack", buyer, c.Messages().NewAck(c.Deal(2)))
	step("deliver", seller, c.Messages().NewDelivery(c.Deal(2), sealed.Key))
	return gas
}

// TestNobodyPaysForAnothersText: the text of a pool is its buyer's to pay, that of an offer
// its seller's, once. Agreements and the numbers of terms are what is left.
func TestNobodyPaysForAnothersText(t *testing.T) {
	slim, long := lifeGas(t, false), lifeGas(t, true)
	for _, step := range []string{"offer without text", "reject", "accept", "ack", "deliver"} {
		t.Logf("%s: %d with short texts, %d with the longest", step, slim[step], long[step])
		require.InDelta(t, slim[step], long[step], 15_000, step)
	}
	require.Greater(t, long["pool"], 10*slim["pool"], "who writes pays")
	require.Greater(t, long["offer"], 10*slim["offer"], "who writes pays")
}
