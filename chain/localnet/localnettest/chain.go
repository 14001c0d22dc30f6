package localnettest

import (
	"context"
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/localnet"
)

// patience is far more than a healthy chain needs for a start or a block, even
// under the race detector on a busy machine.
const patience = 30 * time.Second

// Account has money on the chain and a key, at m/44'/371'/0'/0/0 of its mnemonic.
type Account struct {
	Name     string // of the key in Keyring
	Mnemonic string
	Address  pdx.Address
}

// Chain is a running chain and the accounts it was made with.
type Chain struct {
	*localnet.Chain
	// Home is the chain's directory.
	Home string
	// Accounts are in the order in which they were named.
	Accounts []Account
	// Keyring holds the accounts' keys, in memory.
	Keyring keyring.Keyring

	config   localnet.Config
	signMode signing.SignMode
	conn     *grpc.ClientConn
}

// Start makes and runs a chain and stops it in t.Cleanup.
func Start(t testing.TB, opts ...Option) *Chain {
	t.Helper()
	o := options{
		mode:    signing.SignMode_SIGN_MODE_DIRECT,
		config:  localnet.Config{Home: t.TempDir(), BlockInterval: defaultBlockInterval},
		names:   []string{"seller", "buyer", "validator"},
		balance: defaultBalance,
	}
	for _, opt := range opts {
		opt(&o)
	}
	c := &Chain{Home: o.config.Home, signMode: o.mode}
	c.addAccounts(t, &o)
	c.config = o.config
	require.NoError(t, localnet.Init(t.Context(), c.config))
	c.run(t)
	t.Cleanup(func() { c.stop(t) })
	return c
}

func (c *Chain) addAccounts(t testing.TB, o *options) {
	t.Helper()
	encoding, err := app.NewEncoding()
	require.NoError(t, err)
	c.Keyring = keyring.NewInMemory(encoding.Codec)
	for _, name := range o.names {
		record, mnemonic, err := c.Keyring.NewMnemonic(name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
		require.NoError(t, err)
		address, err := record.GetAddress()
		require.NoError(t, err)
		account := Account{Name: name, Mnemonic: mnemonic, Address: pdx.Address(address.String())}
		c.Accounts = append(c.Accounts, account)
		o.config.Accounts = append(o.config.Accounts, localnet.Account{Address: account.Address, Balance: o.balance})
	}
}

func (c *Chain) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	chain, err := localnet.New(c.config)
	require.NoError(t, err)
	require.NoError(t, chain.Start(ctx))
	c.Chain = chain
	c.conn, err = grpc.NewClient(chain.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
}

func (c *Chain) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, c.Err(), "the chain died")
	require.NoError(t, c.conn.Close())
	// The test's own context has ended by the time of its cleanup.
	require.NoError(t, c.Stop(context.WithoutCancel(t.Context())))
}

// Restart stops the chain and starts it again on the same home and ports.
func (c *Chain) Restart(t testing.TB) {
	t.Helper()
	c.stop(t)
	c.run(t)
}

// Account returns the account of that name.
func (c *Chain) Account(name string) Account {
	for _, a := range c.Accounts {
		if a.Name == name {
			return a
		}
	}
	panic("localnettest: no account is named " + name)
}

// Conn returns a gRPC connection to the chain; it is closed with it.
func (c *Chain) Conn() *grpc.ClientConn { return c.conn }

// Fund pays from the chain's faucet.
func (c *Chain) Fund(t testing.TB, to pdx.Address, amount pdx.Amount) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := localnet.Fund(ctx, c.Home, to, amount)
	require.NoError(t, err)
}

// Balance returns what the account can spend.
func (c *Chain) Balance(t testing.TB, address pdx.Address) pdx.Amount {
	t.Helper()
	res, err := banktypes.NewQueryClient(c.conn).SpendableBalanceByDenom(t.Context(),
		&banktypes.QuerySpendableBalanceByDenomRequest{Address: string(address), Denom: pdx.Denom})
	require.NoError(t, err)
	return pdx.Amount(res.Balance.Amount.Uint64())
}

// Height returns the last block's.
func (c *Chain) Height(t testing.TB) int64 {
	t.Helper()
	res, err := cmtservice.NewServiceClient(c.conn).GetLatestBlock(t.Context(), &cmtservice.GetLatestBlockRequest{})
	require.NoError(t, err)
	return res.SdkBlock.Header.Height
}

// WaitHeight returns once the chain is at the height.
func (c *Chain) WaitHeight(t testing.TB, height int64) {
	t.Helper()
	require.Eventually(t, func() bool { return c.Height(t) >= height }, patience, lookEvery)
}
