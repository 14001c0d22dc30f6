package client_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

func registration(moniker string) pdx.Validator {
	return pdx.Validator{
		Moniker: moniker, Bond: 1_000_000_000, Commission: 100, MaxCommission: 1000, MaxChange: 100,
		PeerID: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
	}
}

// updates sends n messages at once through each client.
func updates(t *testing.T, n int, clients ...*client.Client) {
	t.Helper()
	var all sync.WaitGroup
	failed := make(chan error, n*len(clients))
	for _, l := range clients {
		for range n {
			all.Go(func() { failed <- l.UpdateValidator(t.Context(), registration("again")) })
		}
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
}

// count returns how often an event is on the chain.
func count(t *testing.T, l *client.Client, kind string) int {
	t.Helper()
	head, err := l.Head(t.Context())
	require.NoError(t, err)
	n, enough := 0, errors.New("enough")
	err = l.Follow(t.Context(), 1, func(b client.Block) error {
		for _, e := range b.Events {
			if e.Kind == kind {
				n++
			}
		}
		if b.Head.Height == head.Height {
			return enough
		}
		return nil
	}, nil)
	require.ErrorIs(t, err, enough)
	return n
}

func TestSequences(t *testing.T) {
	c := newChain(t)
	first, second := dial(t, c.config("validator 0")), dial(t, c.config("validator 0"))
	require.NoError(t, first.RegisterValidator(t.Context(), registration("v")))
	// Each of the two learns again and again that the other one was faster.
	require.NoError(t, second.UpdateValidator(t.Context(), registration("second")))
	require.NoError(t, second.UpdateValidator(t.Context(), registration("second")))
	require.NoError(t, first.UpdateValidator(t.Context(), registration("stale")))
	got, err := second.Validator(t.Context(), first.Account())
	require.NoError(t, err)
	require.Equal(t, "stale", got.Moniker)

	require.Zero(t, first.OtherSigner(), "once may be an answer that was lost")
	for _, l := range []*client.Client{second, first, second} {
		require.NoError(t, l.UpdateValidator(t.Context(), registration("stale")))
	}
	require.NotZero(t, first.OtherSigner())
	require.NotZero(t, second.OtherSigner())

	updates(t, 40, first)
	require.Equal(t, 46, count(t, first, "EventValidatorUpdated"))
	updates(t, 3, first, second)
	require.Equal(t, 52, count(t, first, "EventValidatorUpdated"))
}

func TestFees(t *testing.T) {
	c := newChain(t)
	cfg := c.config("validator 0")
	cfg.MaxFee = 1000
	stingy := dial(t, cfg)
	had, err := stingy.Balance(t.Context(), stingy.Account())
	require.NoError(t, err)
	err = stingy.RegisterValidator(t.Context(), registration("v"))
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "limit of 1000umed")
	now, err := stingy.Balance(t.Context(), stingy.Account())
	require.NoError(t, err)
	require.Equal(t, had, now)
}

func TestAccountThatCannotPayTheFee(t *testing.T) {
	c := newChain(t)
	poor := dial(t, c.config("poor"))
	c.Fund(t, poor.Account(), 1_000_000_100)
	err := poor.RegisterValidator(t.Context(), registration("v"))
	require.ErrorIs(t, err, pdx.ErrNoFunds)
}

func TestWrongChain(t *testing.T) {
	c := newChain(t)
	cfg := c.config("seller")
	cfg.ChainID = "panacea-3"
	l := dial(t, cfg)
	_, err := l.Head(t.Context())
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, `serves chain "panacea-local-1", this node is set to "panacea-3"`)
	_, err = l.Withdraw(t.Context())
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorIs(t, l.Follow(t.Context(), 1, func(client.Block) error { return nil }, nil), pdx.ErrInvalid)
}

func TestReaderSendsNothing(t *testing.T) {
	l := dial(t, client.Config{ChainID: "c", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1"})
	require.Empty(t, l.Account())
	_, err := l.Withdraw(t.Context())
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

// TestTimeout: the endpoint takes the transaction and forgets it.
func TestTimeout(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	m.onGRPC(broadcastTx, func(func() ([]byte, error)) ([]byte, error) {
		return proto.Marshal(&txtypes.BroadcastTxResponse{TxResponse: &sdk.TxResponse{}})
	})
	cfg := c.config("validator 0")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	l := dial(t, cfg)
	err := l.RegisterValidator(t.Context(), registration("v"))
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "in no block up to height")

	m.onGRPC(broadcastTx, nil)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("v")), "the sequence is the chain's again")
	updates(t, 20, l)
	require.Zero(t, l.OtherSigner())
}

// TestLostAnswer: the chain has the transaction, its answer is lost on the way.
func TestLostAnswer(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	m.onGRPC(broadcastTx, func(forward func() ([]byte, error)) ([]byte, error) {
		if _, err := forward(); err != nil {
			return nil, err
		}
		return nil, errors.New("the line is cut")
	})
	cfg := c.config("validator 0")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	l := dial(t, cfg)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("v")))
	require.NoError(t, l.UpdateValidator(t.Context(), registration("w")))
}

// TestWithoutIndex: an endpoint that cannot find transactions has blocks still.
func TestWithoutIndex(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	m.onRPC("tx", func() (string, error) { return "", errors.New("transaction indexing is disabled") })
	cfg := c.config("validator 0")
	cfg.RPC = m.rpcAddr
	l := dial(t, cfg)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("v")))
	require.Equal(t, 1, count(t, l, "EventValidatorRegistered"))
}

// TestManyWaitAndEachBlockIsReadOnce: transactions that wait for a block share what
// is read of the chain.
func TestManyWaitAndEachBlockIsReadOnce(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	cfg := c.config("validator 0")
	cfg.RPC = m.rpcAddr
	l := dial(t, cfg)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("v")))
	from, err := l.Head(t.Context())
	require.NoError(t, err)
	blocks, lookups := m.calls("block"), m.calls("tx")
	updates(t, 60, l)
	to, err := l.Head(t.Context())
	require.NoError(t, err)
	require.Equal(t, 60, count(t, l, "EventValidatorUpdated"))
	require.LessOrEqual(t, m.calls("block")-blocks, int(to.Height-from.Height)+1)
	require.Equal(t, lookups, m.calls("tx"), "no transaction is looked up on its own")
}
