package localnet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// sell takes a dataset from registration, pool and offer to its final payment, by
// transactions with real proofs, and returns the deal. Deadlines of the chain's
// pools must be short.
func sell(t *testing.T, chain *localnettest.Chain) datapooltypes.Deal {
	t.Helper()
	seller, validator := chain.Account("seller").Address, chain.Account("validator").Address
	register := datapooltest.NewValidator(validator, 100)
	register.Bond.Amount = params(t, chain).MinBond
	chain.Exec(t, "validator", register)
	chain.Exec(t, "buyer", shortPool(t, chain, validator, time.Hour))
	sealed := datapooltest.Seal(fmt.Appendf(nil, "records of %s", seller))
	messages := datapooltest.New(datapooltest.Config{ChainID: chain.ChainID()})
	offer := messages.NewOffer(1, seller, sealed, validator)
	offer.Agreements, offer.Price, offer.TermsHash = nil, shortPool(t, chain, validator, time.Hour).Price, datapooltypes.HashTerms(nil)
	offer.MaxDeposit.Amount = params(t, chain).Deposit(offer.DisclosedFields, 0, 1, 0)
	chain.Exec(t, "seller", offer)
	accept := messages.NewAccept(deal(t, chain), validator)
	accept.ExpiryHeight = chain.Height(t) + 10_000_000
	chain.Exec(t, "validator", accept)
	chain.Exec(t, "buyer", messages.NewAck(deal(t, chain)))
	deal := deal(t, chain)
	d1, d2, proof, err := sealed.Key.Deliver(datapooltest.DeliverContext(chain.ChainID(), deal).Hash(), pdx.Element(deal.BuyerKey))
	require.NoError(t, err)
	chain.Exec(t, "seller", &datapooltypes.MsgDeliver{Seller: string(seller), DealId: 1, D1: d1[:], D2: d2[:], Proof: proof})
	return final(t, chain)
}

// TestASaleSignedInAminoJSON is a sale whose parties sign as hardware wallets do.
func TestASaleSignedInAminoJSON(t *testing.T) {
	chain := localnettest.Start(t, localnettest.WithAmino(),
		localnettest.WithDatapool(localnet.Datapool{Deadlines: pdx.Deadlines{Dispute: time.Second}}))
	sold := sell(t, chain)
	seller := chain.Account("seller").Address
	before := chain.Balance(t, seller)
	chain.Exec(t, "seller", &datapooltypes.MsgWithdraw{Address: string(seller)})
	require.Equal(t, before-localnettest.LeastFee+pdx.Amount(sold.Deposit.Add(sold.Shares[0].Amount).Uint64()), chain.Balance(t, seller))
	requireSumIsSupply(t, chain)
}

func deal(t *testing.T, chain *localnettest.Chain) datapooltypes.Deal {
	t.Helper()
	res, err := datapooltypes.NewQueryClient(chain.Conn()).Deal(t.Context(), &datapooltypes.QueryDealRequest{DealId: 1})
	require.NoError(t, err)
	return res.Deal
}

// final waits for the end blocker.
func final(t *testing.T, chain *localnettest.Chain) (d datapooltypes.Deal) {
	t.Helper()
	require.Eventually(t, func() bool {
		d = deal(t, chain)
		return d.State == datapooltypes.DEAL_STATE_FINAL
	}, patience, tick)
	return d
}

// withdrawable returns what the exchange owes an account.
func withdrawable(t *testing.T, chain *localnettest.Chain, account pdx.Address) uint64 {
	t.Helper()
	res, err := datapooltypes.NewQueryClient(chain.Conn()).Balance(t.Context(), &datapooltypes.QueryBalanceRequest{Address: string(account)})
	require.NoError(t, err)
	return res.Balance.Amount.Uint64()
}
