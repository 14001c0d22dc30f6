package client_test

import (
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

const (
	poll     = 10 * time.Millisecond
	patience = time.Minute
)

// chain is a real one, in this process, under the suite.
type chain struct {
	*localnettest.Chain
	t       testing.TB
	clients map[string]*client.Client
}

func newChain(t testing.TB, opts ...localnettest.Option) *chain {
	t.Helper()
	names := clienttest.Names()
	opts = append([]localnettest.Option{
		localnettest.WithDatapool(localnet.Datapool{JailTime: time.Second, UnbondingTime: time.Second, OffersAhead: 1_000}),
		localnettest.WithAccounts(names[:len(names)-1]...), localnettest.WithBlockInterval(30 * time.Millisecond),
	}, opts...)
	c := &chain{Chain: localnettest.Start(t, opts...), t: t, clients: map[string]*client.Client{}}
	_, _, err := c.Keyring.NewMnemonic(clienttest.Poor, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(t, err)
	return c
}

// config returns that of a client which signs with the key of that name.
func (c *chain) config(name string) client.Config {
	return client.Config{
		ChainID: c.ChainID(), GRPC: c.GRPCAddr(), RPC: c.RPCAddr(), Keyring: c.Keyring, KeyName: name, Poll: poll,
	}
}

// dial makes a client that is closed with the test.
func dial(t testing.TB, cfg client.Config) *client.Client {
	t.Helper()
	l, err := client.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// As dials once for each name.
func (c *chain) As(name string) clienttest.Ledger {
	if c.clients[name] == nil {
		c.clients[name] = dial(c.t, c.config(name))
	}
	return c.clients[name]
}

func (c *chain) Pass(height int64, deadline time.Time) {
	c.t.Helper()
	reader := c.As("other")
	require.Eventually(c.t, func() bool {
		head, err := reader.Head(c.t.Context())
		return err == nil && head.Height > height && head.Time.After(deadline)
	}, patience, poll)
	// Once there is a block after it, its state is committed.
	head, err := reader.Head(c.t.Context())
	require.NoError(c.t, err)
	c.WaitHeight(c.t, head.Height+1)
}

func (c *chain) Interrupt(during func()) {
	require.NoError(c.t, c.Stop(c.t.Context()))
	during()
	c.Restart(c.t)
}

func (c *chain) Sign(name string, message []byte) (signature, publicKey []byte) {
	c.t.Helper()
	signature, public, err := c.Keyring.Sign(name, message, signing.SignMode_SIGN_MODE_DIRECT)
	require.NoError(c.t, err)
	return signature, public.Bytes()
}

func (c *chain) FeeLimit() pdx.Amount { return 5_000_000 }

func TestContract(t *testing.T) {
	clienttest.Run(t, func(t *testing.T) clienttest.Chain { return newChain(t) })
}
