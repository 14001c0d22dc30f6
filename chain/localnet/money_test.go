package localnet_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

// requireSumIsSupply adds up every balance of the chain.
func requireSumIsSupply(t *testing.T, chain *localnettest.Chain) {
	t.Helper()
	bank := banktypes.NewQueryClient(chain.Conn())
	// One page holds all holders, so that they are of one height.
	owners, err := bank.DenomOwners(t.Context(), &banktypes.QueryDenomOwnersRequest{
		Denom: pdx.Denom, Pagination: &query.PageRequest{Limit: 1000},
	})
	require.NoError(t, err)
	require.Empty(t, owners.Pagination.NextKey)
	sum := math.ZeroInt()
	for _, owner := range owners.DenomOwners {
		sum = sum.Add(owner.Balance.Amount)
	}
	supply, err := bank.SupplyOf(t.Context(), &banktypes.QuerySupplyOfRequest{Denom: pdx.Denom})
	require.NoError(t, err)
	require.Equal(t, supply.Amount.Amount.String(), sum.String())
	// faucet, stake, and three accounts of a million MED
	require.Equal(t, "1004000000000000", sum.String())
}

func TestTransferPaysTheMinimumFee(t *testing.T) {
	chain := localnettest.Start(t)
	requireSumIsSupply(t, chain)
	seller, buyer := chain.Account("seller").Address, chain.Account("buyer").Address
	start := chain.Balance(t, buyer)
	transfer := &banktypes.MsgSend{
		FromAddress: string(buyer), ToAddress: string(seller),
		Amount: sdk.NewCoins(sdk.NewInt64Coin(pdx.Denom, 1000)),
	}

	refused := chain.Broadcast(t, "buyer", localnettest.LeastFee-1, transfer)
	require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), refused.Code, refused.RawLog)
	require.Equal(t, start, chain.Balance(t, buyer))

	// Exec finds the transaction by its hash once it is in a block.
	chain.Exec(t, "buyer", transfer)
	require.Equal(t, start-1000-localnettest.LeastFee, chain.Balance(t, buyer))
	require.Equal(t, start+1000, chain.Balance(t, seller))
	requireSumIsSupply(t, chain)
}

func TestAccountKeysAreThoseOfTheMnemonic(t *testing.T) {
	chain := localnettest.Start(t, localnettest.WithAccounts("alice"))
	alice := chain.Account("alice")
	require.Contains(t, string(alice.Address), "panacea1")
	key, err := hd.Secp256k1.Derive()(alice.Mnemonic, "", "m/44'/371'/0'/0/0")
	require.NoError(t, err)
	derived := sdk.AccAddress(hd.Secp256k1.Generate()(key).PubKey().Address())
	require.Equal(t, string(alice.Address), derived.String())
}

func TestFaucet(t *testing.T) {
	chain := localnettest.Start(t)
	buyer := chain.Account("buyer").Address
	before := chain.Balance(t, buyer)

	// Calls at once take turns.
	failed := make(chan error, 3)
	for range cap(failed) {
		go func() {
			_, err := localnet.Fund(t.Context(), chain.Home, buyer, 100)
			failed <- err
		}()
	}
	for range cap(failed) {
		require.NoError(t, <-failed)
	}
	require.Equal(t, before+300, chain.Balance(t, buyer))

	_, err := localnet.Fund(t.Context(), chain.Home, "cosmos1abc", 1)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = localnet.Fund(t.Context(), chain.Home, buyer, 0)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = localnet.Fund(t.Context(), chain.Home, buyer, 1<<63)
	require.ErrorIs(t, err, pdx.ErrNoFunds)
	requireSumIsSupply(t, chain)

	require.NoError(t, chain.Stop(t.Context()))
	_, err = localnet.Fund(t.Context(), chain.Home, buyer, 1)
	require.ErrorIs(t, err, localnet.ErrNotRunning)
}
