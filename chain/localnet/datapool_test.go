package localnet_test

import (
	"testing"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

func params(t *testing.T, chain *localnettest.Chain) datapooltypes.Params {
	t.Helper()
	res, err := datapooltypes.NewQueryClient(chain.Conn()).Params(t.Context(), &datapooltypes.QueryParamsRequest{})
	require.NoError(t, err)
	return res.Params
}

func TestDatapoolParamsComeFromTheConfig(t *testing.T) {
	wanted := localnet.Datapool{
		Deadlines:    pdx.Deadlines{Certify: time.Minute, Dispute: 5 * time.Millisecond, Key: 60 * 24 * time.Hour},
		MinBond:      77,
		OfferDeposit: 3,
	}
	got := params(t, localnettest.Start(t, localnettest.WithDatapool(wanted), localnettest.WithBlockInterval(50*time.Millisecond)))
	standard := datapooltypes.DefaultParams()
	require.Equal(t, "77", got.MinBond.String())
	require.Equal(t, "3", got.OfferDeposit.String())
	require.Equal(t, 50*time.Millisecond, got.BlockTime)
	require.Equal(t, time.Minute, got.DefaultDeadlines.Certify)
	require.Equal(t, time.Second, got.MinDeadlines.Certify)
	require.Equal(t, standard.DefaultDeadlines.Ack, got.DefaultDeadlines.Ack)
	require.Equal(t, 5*time.Millisecond, got.DefaultDeadlines.Dispute)
	require.Equal(t, 5*time.Millisecond, got.MinDeadlines.Dispute)
	require.Equal(t, 60*24*time.Hour, got.MaxDeadlines.Key)
	require.NoError(t, got.Validate())
}

func TestDatapoolParamsAreThoseOfPanaceaOtherwise(t *testing.T) {
	got, standard := params(t, localnettest.Start(t)), datapooltypes.DefaultParams()
	require.Equal(t, standard.DefaultDeadlines, got.DefaultDeadlines)
	require.Equal(t, standard.MaxDeadlines, got.MaxDeadlines)
	require.Equal(t, standard.MinBond, got.MinBond)
}

func TestTheExchangeEndsWhatExpired(t *testing.T) {
	chain := localnettest.Start(t,
		localnettest.WithBlockInterval(20*time.Millisecond), localnettest.WithDatapool(localnet.Datapool{MinBond: 1000}))
	validator, buyer := chain.Account("validator").Address, chain.Account("buyer").Address
	chain.Exec(t, "validator", &datapooltypes.MsgRegisterValidator{
		Validator: string(validator), Bond: umed(1000), MaxCommissionBp: 100, MaxCommissionChangeBp: 10,
		PeerId:    "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN",
		Addresses: []string{"/ip4/127.0.0.1/tcp/4001"}, Moniker: "validator",
	})
	// Nobody sends another transaction: only the end of a block can end the pool.
	chain.Exec(t, "buyer", shortPool(t, chain, validator, 2*time.Second))
	require.Eventually(t, func() bool {
		res, err := datapooltypes.NewQueryClient(chain.Conn()).Pool(t.Context(), &datapooltypes.QueryPoolRequest{PoolId: 1})
		require.NoError(t, err)
		return res.Pool.Status == datapooltypes.POOL_STATUS_EXPIRED
	}, patience, tick)
	credit, err := datapooltypes.NewQueryClient(chain.Conn()).Balance(t.Context(), &datapooltypes.QueryBalanceRequest{Address: string(buyer)})
	require.NoError(t, err)
	require.Equal(t, "50", credit.Balance.Amount.String())
	requireSumIsSupply(t, chain)
}

// shortPool asks for five datasets at 10 umed, for so long from now.
func shortPool(t *testing.T, chain *localnettest.Chain, validator pdx.Address, life time.Duration) *datapooltypes.MsgCreatePool {
	t.Helper()
	buyer := chain.Account("buyer").Address
	key := seal.NewBuyerKey()
	possession, err := key.Prove(attest.PoolKey{ChainID: chain.ChainID(), Buyer: buyer}.Hash())
	require.NoError(t, err)
	public := key.Public()
	return &datapooltypes.MsgCreatePool{
		Buyer: string(buyer), BuyerKey: public[:], KeyProof: possession,
		Price: umed(10), Escrow: umed(50), TargetCount: 5,
		CriteriaCid: pdx.ContentID{1}.Bytes(), RequiredCertificates: 1, Validators: []string{string(validator)},
		AckMode: datapooltypes.ACK_MODE_BUYER, ExpiryTime: time.Now().Add(life),
		Title: "Blood pressure", MediaType: "application/fhir+ndjson",
	}
}

func umed(n int64) sdk.Coin { return sdk.NewInt64Coin(pdx.Denom, n) }
