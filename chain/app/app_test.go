package app_test

import (
	"testing"

	"cosmossdk.io/log"
	"cosmossdk.io/math"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/app"
)

func newApp(t *testing.T) *app.App {
	t.Helper()
	a, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

// The vector is Panacea's: the words "abandon" ×11 and "about".
func TestAddressesAreThoseOfPanacea(t *testing.T) {
	encoding, err := app.NewEncoding()
	require.NoError(t, err)
	const mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	for path, want := range map[string]string{
		sdk.GetConfig().GetFullBIP44Path(): "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc",
		"m/44'/371'/0'/0/1":                "panacea12n9l0fen5lyfjxgr93gt856v3zqtnlqs9lkfzf",
	} {
		record, err := keyring.NewInMemory(encoding.Codec).NewAccount("a", mnemonic, "", path, hd.Secp256k1)
		require.NoError(t, err)
		address, err := record.GetAddress()
		require.NoError(t, err)
		require.Equal(t, want, address.String())
		require.Contains(t, sdk.ValAddress(address).String(), "panaceavaloper1")
		require.Contains(t, sdk.ConsAddress(address).String(), "panaceavalcons1")
	}
}

func TestTheMoneyIsUmed(t *testing.T) {
	a := newApp(t)
	require.Equal(t, "umed", sdk.DefaultBondDenom)
	require.Contains(t, string(a.DefaultGenesis()["staking"]), `"bond_denom":"umed"`)
	require.Contains(t, string(a.DefaultGenesis()["gov"]), `"denom":"umed"`)
	price, err := sdk.ParseDecCoins(app.MinGasPrices)
	require.NoError(t, err)
	require.Equal(t, math.LegacyNewDec(5), price.AmountOf("umed"))
}

func TestEveryModuleHasAValidGenesis(t *testing.T) {
	a := newApp(t)
	genesis := a.DefaultGenesis()
	for _, name := range []string{
		"auth", "bank", "staking", "distribution", "slashing", "gov", "genutil", "feegrant", "authz", "datapool",
	} {
		require.Contains(t, genesis, name)
	}
	require.NotContains(t, genesis, "mint", "the supply is constant")
	require.NoError(t, a.ValidateGenesis(genesis))
	genesis["datapool"] = []byte(`{"params":{"denom":"cosmos!"}}`)
	require.Error(t, a.ValidateGenesis(genesis))
}

func TestEveryMessageNamesItsSigner(t *testing.T) {
	a := newApp(t)
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	require.NoError(t, msgservice.ValidateProtoAnnotations(files))
	require.NoError(t, a.Registry.SigningContext().Validate())
}

func TestTheCommandLineKnowsTheExchange(t *testing.T) {
	a := newApp(t)
	options := a.AutoCLI()
	options.ClientCtx = options.ClientCtx.WithInterfaceRegistry(a.Registry).WithTxConfig(a.TxConfig)
	root := &cobra.Command{Use: "test"}
	require.NoError(t, options.EnhanceRootCommand(root))
	for _, path := range [][]string{
		{"query", "datapool", "params"},
		{"tx", "datapool"},
		{"query", "bank", "balances"},
		{"tx", "bank", "send"},
	} {
		cmd, rest, err := root.Find(path)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, path[len(path)-1], cmd.Name())
	}
}
