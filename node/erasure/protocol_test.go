package erasure_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/erasure"
	"github.com/medibloc/pdx/node/model"
)

func newHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay(), libp2p.DisableMetrics(),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// take is a Handler.
type take func(ctx context.Context, from pdx.Address, r erasure.Request) (*model.ErasureAnswer, error)

func (f take) Take(ctx context.Context, from pdx.Address, r erasure.Request) (*model.ErasureAnswer, error) {
	return f(ctx, from, r)
}

func account(_ context.Context, id peer.ID) (pdx.Address, error) {
	return pdx.Address("account of " + id.String()), nil
}

// pair is a buyer's server and a seller's host that is connected to it.
func pair(t *testing.T, c erasure.ServerConfig) (seller, buyer host.Host) {
	t.Helper()
	buyer, seller = newHost(t), newHost(t)
	c.Host, c.ChainID = buyer, chainID
	server, err := erasure.NewServer(c)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Stop(ctx))
	})
	require.NoError(t, seller.Connect(t.Context(), peer.AddrInfo{ID: buyer.ID(), Addrs: buyer.Addrs()}))
	return seller, buyer
}

func TestRequestsAndAnswersOnTheWire(t *testing.T) {
	sent := request(t, newWorld(t), 1)
	answer := &model.ErasureAnswer{
		Erased: true, At: time.Unix(1_800_000_000, 0).UTC(), Note: "done", PublicKey: make([]byte, 33), Signature: make([]byte, 64),
	}
	for name, c := range map[string]struct {
		answer    *model.ErasureAnswer
		err, want error
	}{
		"taken": {}, "answered": {answer: answer}, "refused": {err: pdx.ErrRefused, want: pdx.ErrRefused},
		"wrong state": {err: pdx.ErrWrongState, want: pdx.ErrRefused}, "own fault": {err: errors.New("disk"), want: pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			var from pdx.Address
			var got erasure.Request
			seller, buyer := pair(t, erasure.ServerConfig{Account: account, Handler: take(
				func(_ context.Context, p pdx.Address, r erasure.Request) (*model.ErasureAnswer, error) {
					from, got = p, r
					return c.answer, c.err
				})})
			back, err := erasure.NewClient(seller, chainID).Send(t.Context(), buyer.ID(), sent)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.answer, back)
			require.Equal(t, sent.Signature, got.Signature)
			require.True(t, sent.Asked.Equal(got.Asked))
			require.EqualValues(t, "account of "+seller.ID().String(), from)
		})
	}
}

// TestStrangersAreNotLookedAt: a peer without an account, and one that breaks the protocol.
func TestStrangersAreNotLookedAt(t *testing.T) {
	handler := take(func(context.Context, pdx.Address, erasure.Request) (*model.ErasureAnswer, error) {
		t.Error("it was looked at")
		return nil, nil
	})
	seller, buyer := pair(t, erasure.ServerConfig{Handler: handler, Account: func(context.Context, peer.ID) (pdx.Address, error) {
		return "", pdx.ErrUnavailable
	}})
	_, err := erasure.NewClient(seller, chainID).Send(t.Context(), buyer.ID(), request(t, newWorld(t), 1))
	require.ErrorIs(t, err, pdx.ErrUnavailable)

	for name, frame := range map[string][]byte{
		"empty": {0}, "too long": {0xff, 0xff, 0x03}, "no protobuf": {3, 0xff, 0xff, 0xff}, "no key": {2, 0x08, 0x01},
	} {
		s, err := seller.NewStream(t.Context(), buyer.ID(), erasure.Protocol(chainID))
		require.NoError(t, err, name)
		_, err = s.Write(frame)
		require.NoError(t, err, name)
		require.NoError(t, s.SetReadDeadline(time.Now().Add(patience)))
		_, err = s.Read(make([]byte, 1))
		var reset *network.StreamError
		require.ErrorAs(t, err, &reset, name)
		require.Equal(t, network.StreamProtocolViolation, reset.ErrorCode, name)
	}
}

func TestBuyersThatDoNotKeepToIt(t *testing.T) {
	sent := request(t, newWorld(t), 1)
	for name, answer := range map[string][]byte{
		"nothing": {}, "no varint": bytes.Repeat([]byte{0xff}, 20), "no outcome": {0},
		"another outcome": {2, 0x08, 0x63}, "erased unsigned": {2, 0x08, 4},
	} {
		t.Run(name, func(t *testing.T) {
			liar, seller := newHost(t), newHost(t)
			liar.SetStreamHandler(erasure.Protocol(chainID), func(s network.Stream) {
				_, _ = s.Write(answer)
				_ = s.Close()
			})
			require.NoError(t, seller.Connect(t.Context(), peer.AddrInfo{ID: liar.ID(), Addrs: liar.Addrs()}))
			got, err := erasure.NewClient(seller, chainID).Send(t.Context(), liar.ID(), sent)
			require.Error(t, err)
			require.Nil(t, got)
		})
	}
	for name, spoil := range map[string]func(*erasure.ServerConfig){
		"host": func(c *erasure.ServerConfig) { c.Host = nil }, "chain": func(c *erasure.ServerConfig) { c.ChainID = "" },
		"account": func(c *erasure.ServerConfig) { c.Account = nil }, "handler": func(c *erasure.ServerConfig) { c.Handler = nil },
	} {
		c := erasure.ServerConfig{Host: newHost(t), ChainID: chainID, Account: account, Handler: take(nil)}
		spoil(&c)
		_, err := erasure.NewServer(c)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}
