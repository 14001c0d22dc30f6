package client_test

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// memory is what a node keeps through restarts.
type memory struct {
	mu    sync.Mutex
	raw   []byte
	saves int
}

func (m *memory) Load(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.raw == nil {
		return nil, pdx.ErrNotFound
	}
	return m.raw, nil
}

func (m *memory) Save(_ context.Context, raw []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.raw, m.saves = raw, m.saves+1
	return nil
}

// anchor returns the first block of a chain, as its home has it.
func (c *chain) anchor() *light.Anchor {
	trust := c.Endpoints().Trust
	hash, err := hex.DecodeString(trust.Hash)
	require.NoError(c.t, err)
	return &light.Anchor{Height: trust.Height, Hash: hash}
}

// trusting returns the configuration of a client that verifies.
func (c *chain) trusting(name string) client.Config {
	cfg := c.config(name)
	cfg.Trust = c.anchor()
	return cfg
}

// What is proven is what an honest chain says without a proof.
func TestVerified(t *testing.T) {
	c := newChain(t)
	pool, id := clienttest.Certified(t, c)
	plain := c.As("other")
	cfg := c.trusting("other")
	mem := &memory{}
	cfg.Memory = mem
	v := dial(t, cfg).Verified()
	want, err := plain.Deal(t.Context(), id)
	require.NoError(t, err)
	c.Pass(want.History[len(want.History)-1].Height+2, time.Time{})

	deal, head, err := v.Deal(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, want, deal)
	require.Equal(t, c.ChainID(), head.ChainID)
	require.WithinDuration(t, time.Now(), head.Time, light.MaxAge)
	deal, _, err = v.DealByRoot(t.Context(), pool, want.Dataset.Root, want.Dataset.Key)
	require.NoError(t, err)
	require.Equal(t, want, deal)

	wantPool, err := plain.Pool(t.Context(), pool)
	require.NoError(t, err)
	gotPool, _, err := v.Pool(t.Context(), pool)
	require.NoError(t, err)
	require.Equal(t, wantPool, gotPool)
	wantValidator, err := plain.Validator(t.Context(), want.Validators[0])
	require.NoError(t, err)
	wantValidator.Conditions = nil // they are a record of their own, which nobody relies on
	gotValidator, _, err := v.Validator(t.Context(), want.Validators[0])
	require.NoError(t, err)
	require.Positive(t, wantValidator.Staked, "no part of the validator's record")
	wantValidator.Staked = 0
	require.Equal(t, wantValidator, gotValidator)
	wantParams, err := plain.Params(t.Context())
	require.NoError(t, err)
	gotParams, _, err := v.Params(t.Context())
	require.NoError(t, err)
	require.Equal(t, wantParams, gotParams)

	for _, err := range []error{
		second(v.Deal(t.Context(), id+1)), second(v.Pool(t.Context(), pool+1)),
		second(v.Validator(t.Context(), want.Buyer)), second(v.DealByRoot(t.Context(), pool, pdx.ContentID{1}, pdx.Element{1})),
	} {
		require.ErrorIs(t, err, pdx.ErrNotFound)
	}
	require.NoError(t, v.Check(t.Context()))
	state := v.State()
	require.NoError(t, state.Err)
	require.Zero(t, state.Lies)
	require.GreaterOrEqual(t, state.Head.Height, head.Height)
	require.Equal(t, 1, mem.saves)
}

// second returns the error of a proven read.
func second[T any](_ T, _ pdx.Head, err error) error { return err }

func TestNoTrust(t *testing.T) {
	l, _ := alone(t)
	_, err := l.Verified().Head(t.Context())
	require.ErrorIs(t, err, client.ErrNoTrust)
	require.ErrorIs(t, l.Verified().Check(t.Context()), client.ErrNoTrust)
	require.ErrorIs(t, l.Verified().State().Err, client.ErrNoTrust)
}

// An endpoint that is caught in a lie is named, and left for an honest one.
func TestLiars(t *testing.T) {
	c := newChain(t)
	_, id := clienttest.Certified(t, c)
	want, err := c.As("other").Deal(t.Context(), id)
	require.NoError(t, err)
	c.Pass(want.History[len(want.History)-1].Height+2, time.Time{})
	const query = "/panacea.datapool.v3.Query/Deal"
	tell := func(change func(*types.Deal)) grpcHook {
		return func(forward func() ([]byte, error)) ([]byte, error) {
			raw, err := forward()
			if err != nil {
				return nil, err
			}
			var res types.QueryDealResponse
			if err := res.Unmarshal(raw); err != nil {
				return nil, err
			}
			change(&res.Deal)
			return res.Marshal()
		}
	}
	for name, lie := range map[string]struct {
		hook grpcHook
		what string
	}{
		"another buyer key": {tell(func(d *types.Deal) { d.BuyerKey[0] ^= 1 }), "another buyer_key of deal 1"},
		"an ack": {
			tell(func(d *types.Deal) { d.State, d.AckHeight = types.DEAL_STATE_ACKED, 5 }),
			"another ack_height, state of deal 1",
		},
		"another price":  {tell(func(d *types.Deal) { d.Price = d.Price.SubRaw(1) }), "another price of deal 1"},
		"another field":  {tell(func(d *types.Deal) { d.DisclosedFields[0] = "/everything" }), "another text of deal 1"},
		"no field":       {tell(func(d *types.Deal) { d.DisclosedFields = nil }), "another text of deal 1"},
		"a field's hash": {tell(func(d *types.Deal) { d.FieldsHash[0] ^= 1 }), "another fields_hash of deal 1"},
		"another payee":  {tell(func(d *types.Deal) { d.Seller = d.Buyer }), "another seller of deal 1"},
		"no deal": {
			func(func() ([]byte, error)) ([]byte, error) { return nil, grpcstatus.Error(codes.NotFound, "no") },
			"denies deal 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMiddle(t, c)
			cfg := c.trusting("other")
			cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
			l := dial(t, cfg)
			m.onGRPC(query, lie.hook)
			_, _, err := l.Verified().Deal(t.Context(), id)
			var found *light.Lie
			require.ErrorAs(t, err, &found)
			require.Equal(t, m.rpcAddr, found.Source)
			require.Contains(t, found.What, lie.what)
			require.True(t, l.Endpoints()[0].Lied)
			require.Contains(t, l.Endpoints()[0].Trouble, lie.what)
			require.EqualValues(t, 1, l.Verified().State().Lies)

			m.onGRPC(query, nil)
			deal, _, err := l.Verified().Deal(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, deal)
			require.True(t, l.Endpoints()[0].Lied, "it stays known for a while")

			m.onGRPC(query, lie.hook)
			cfg.More = []client.Endpoint{{GRPC: c.GRPCAddr(), RPC: c.RPCAddr()}}
			l = dial(t, cfg)
			deal, _, err = l.Verified().Deal(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, deal)
			require.True(t, l.Endpoints()[0].Lied)
			require.False(t, l.Endpoints()[1].Lied)
			deal, err = l.Deal(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, deal, "the liar is asked last from now on")
		})
	}
}

// TestFalseTerms: the proof of a pool covers the text of its terms by their hash.
func TestFalseTerms(t *testing.T) {
	c := newChain(t)
	pool, id := clienttest.Certified(t, c)
	want, err := c.As("other").Deal(t.Context(), id)
	require.NoError(t, err)
	c.Pass(want.History[len(want.History)-1].Height+2, time.Time{})
	m := newMiddle(t, c)
	cfg := c.trusting("other")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	l := dial(t, cfg)
	m.onGRPC("/panacea.datapool.v3.Query/Pool", func(forward func() ([]byte, error)) ([]byte, error) {
		raw, err := forward()
		if err != nil {
			return nil, err
		}
		var res types.QueryPoolResponse
		if err := res.Unmarshal(raw); err != nil {
			return nil, err
		}
		res.Pool.Terms[0].Description = "For anything."
		return res.Marshal()
	})
	_, _, err = l.Verified().Pool(t.Context(), pool)
	var found *light.Lie
	require.ErrorAs(t, err, &found)
	require.Contains(t, found.What, "another text of pool")
	_, err = l.Pool(t.Context(), pool)
	require.ErrorIs(t, err, pdx.ErrCorrupt, "nor is it taken without a proof")
}

// A dead endpoint is left for a living one, by readers and by transactions.
func TestFailover(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	cfg := c.trusting("validator 0")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	cfg.More = []client.Endpoint{{GRPC: c.GRPCAddr(), RPC: c.RPCAddr()}}
	l := dial(t, cfg)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("first")))
	require.Empty(t, l.Endpoints()[0].Trouble)

	dead := func(func() ([]byte, error)) ([]byte, error) { return nil, grpcstatus.Error(codes.Unavailable, "dead") }
	t.Run("after it took the transaction", func(t *testing.T) {
		m.onGRPC(broadcastTx, func(forward func() ([]byte, error)) ([]byte, error) {
			_, _ = forward()
			for _, method := range []string{"status", "tx", "block", "abci_query", "commit"} {
				m.onRPC(method, func() (string, error) { return "", errors.New("dead") })
			}
			return dead(nil)
		})
		require.NoError(t, l.UpdateValidator(t.Context(), registration("once")))
		require.Equal(t, 1, count(t, l, "EventValidatorUpdated"))
		require.NotEmpty(t, l.Endpoints()[0].Trouble)
		require.False(t, l.Endpoints()[0].Lied)
	})
	t.Run("before", func(t *testing.T) {
		m.onGRPC(broadcastTx, dead)
		require.NoError(t, l.UpdateValidator(t.Context(), registration("again")))
		require.NoError(t, l.Verified().Check(t.Context()))
		require.Equal(t, 2, count(t, l, "EventValidatorUpdated"))
	})
	t.Run("all of them", func(t *testing.T) {
		cfg.More = []client.Endpoint{{GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1"}}
		l := dial(t, cfg)
		_, err := l.Head(t.Context())
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		require.ErrorContains(t, err, "all endpoints fail")
		require.ErrorIs(t, l.Verified().Check(t.Context()), pdx.ErrUnavailable)
	})
}
