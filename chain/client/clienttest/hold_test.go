package clienttest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
)

func registration() pdx.Validator {
	return pdx.Validator{
		Moniker: "v", Bond: 1_000_000_000, MaxCommission: 1000, MaxChange: 100,
		PeerID: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
	}
}

// TestHold has two transactions of which a block can take only one.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		world := clienttest.NewWorld()
		v := world.Fund(clienttest.Account("v"), clienttest.Wealth)
		world.Hold()
		before := world.Head()
		results := make(chan error, 2)
		for range 2 {
			go func() { results <- v.RegisterValidator(t.Context(), registration()) }()
		}
		synctest.Wait()
		require.Equal(t, 2, world.Waiting())
		require.Equal(t, before, world.Head())
		_, err := v.Validator(t.Context(), v.Account())
		require.ErrorIs(t, err, pdx.ErrNotFound)

		head := world.NextBlock()
		require.Equal(t, before.Height+1, head.Height)
		require.Equal(t, clienttest.BlockTime, head.Time.Sub(before.Time))
		failed := errors.Join(<-results, <-results)
		require.ErrorIs(t, failed, pdx.ErrRefused)
		require.Len(t, failed.(interface{ Unwrap() []error }).Unwrap(), 1, "one of the two got in")

		world.Release()
		moved := registration()
		moved.Moniker = "moved"
		require.NoError(t, v.UpdateValidator(t.Context(), moved))
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	world := clienttest.NewWorld()
	v := world.Fund(clienttest.Account("v"), clienttest.Wealth)
	world.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- v.RegisterValidator(ctx, registration()) }()
	require.Eventually(t, func() bool { return world.Waiting() == 1 }, time.Minute, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, pdx.ErrUnavailable)
	world.NextBlock() // what was sent is sent
	_, err := v.Validator(t.Context(), v.Account())
	require.NoError(t, err)
}

func TestAdvance(t *testing.T) {
	world := clienttest.NewWorld()
	before := world.Head()
	head := world.Advance(time.Hour)
	require.GreaterOrEqual(t, head.Time.Sub(before.Time), time.Hour)
	require.Equal(t, before.Height+2, head.Height)
}

// TestAddressesWithoutGlobals: this test does not link the app, which sets the
// SDK's prefix for the whole process.
func TestAddressesWithoutGlobals(t *testing.T) {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	keys := keyring.NewInMemory(codec.NewProtoCodec(registry))
	const mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	_, err := keys.NewAccount("k", mnemonic, "", "m/44'/371'/0'/0/0", hd.Secp256k1)
	require.NoError(t, err)
	c, err := client.New(client.Config{ChainID: "c", GRPC: "h:1", RPC: "http://h:1", Keyring: keys, KeyName: "k"})
	require.NoError(t, err)
	require.Equal(t, pdx.Address("panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc"), c.Account())
	require.NoError(t, c.Close())
}
