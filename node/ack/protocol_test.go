package ack_test

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
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	chainID  = "panacea-test-1"
	patience = time.Minute
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
type take func(ctx context.Context, from pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error

func (f take) Take(ctx context.Context, from pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error {
	return f(ctx, from, deal, v)
}

// account is the account that each peer of these tests speaks for.
func account(_ context.Context, id peer.ID) (pdx.Address, error) {
	return pdx.Address("account of " + id.String()), nil
}

// pair is a seller's server and a buyer's host that is connected to it.
func pair(t *testing.T, handler take) (buyer, seller host.Host) {
	t.Helper()
	return pairOf(t, ack.Config{Handler: handler, Account: account})
}

func pairOf(t *testing.T, c ack.Config) (buyer, seller host.Host) {
	t.Helper()
	seller, buyer = newHost(t), newHost(t)
	c.Host, c.ChainID = seller, chainID
	server, err := ack.NewServer(c)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	require.ErrorIs(t, server.Start(t.Context()), pdx.ErrWrongState)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Stop(ctx))
		require.NoError(t, server.Stop(ctx))
	})
	require.NoError(t, buyer.Connect(t.Context(), peer.AddrInfo{ID: seller.ID(), Addrs: seller.Addrs()}))
	return buyer, seller
}

func sample() pdx.AckVoucher {
	v := pdx.AckVoucher{AckHeight: 7, ExpiryHeight: 1 << 40}
	for i := range v.PublicKey {
		v.PublicKey[i] = byte(i)
	}
	for i := range v.Signature {
		v.Signature[i] = byte(200 - i)
	}
	return v
}

func TestHandover(t *testing.T) {
	for name, c := range map[string]struct{ answer, want error }{
		"taken":       {nil, nil},
		"refused":     {pdx.ErrRefused, pdx.ErrRefused},
		"invalid":     {pdx.ErrInvalid, pdx.ErrRefused},
		"wrong state": {pdx.ErrWrongState, pdx.ErrRefused},
		"unknown":     {pdx.ErrNotFound, pdx.ErrUnavailable},
		"own fault":   {errors.New("disk"), pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			var from pdx.Address
			var got pdx.AckVoucher
			buyer, seller := pair(t, func(_ context.Context, p pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error {
				require.EqualValues(t, 3, deal)
				from, got = p, v
				return c.answer
			})
			err := ack.NewClient(buyer, chainID).Hand(t.Context(), seller.ID(), 3, sample())
			if c.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.want)
			}
			require.Equal(t, sample(), got)
			require.EqualValues(t, "account of "+buyer.ID().String(), from)
		})
	}
}

func TestSellersThatDoNotSpeakIt(t *testing.T) {
	silent, buyer := newHost(t), newHost(t)
	require.NoError(t, buyer.Connect(t.Context(), peer.AddrInfo{ID: silent.ID(), Addrs: silent.Addrs()}))
	err := ack.NewClient(buyer, chainID).Hand(t.Context(), silent.ID(), 3, sample())
	require.ErrorIs(t, err, pdx.ErrRefused, "it will not learn it")

	for name, answer := range map[string][]byte{
		"nothing": {}, "no varint": bytes.Repeat([]byte{0xff}, 20), "no protobuf": {3, 0xff, 0xff, 0xff},
		"no outcome": {0}, "another outcome": {2, 0x08, 0x63}, "too long": {0xff, 0xff, 0x03},
	} {
		t.Run(name, func(t *testing.T) {
			liar := newHost(t)
			liar.SetStreamHandler(ack.Protocol(chainID), func(s network.Stream) {
				_, _ = s.Write(answer)
				_ = s.Close()
			})
			require.NoError(t, buyer.Connect(t.Context(), peer.AddrInfo{ID: liar.ID(), Addrs: liar.Addrs()}))
			err := ack.NewClient(buyer, chainID).Hand(t.Context(), liar.ID(), 3, sample())
			require.True(t, errors.Is(err, pdx.ErrRefused) || errors.Is(err, pdx.ErrUnavailable), err)
		})
	}
}

func TestPeersThatDoNotKeepToIt(t *testing.T) {
	buyer, seller := pair(t, func(context.Context, pdx.Address, pdx.DealID, pdx.AckVoucher) error {
		t.Error("it was taken for an ack")
		return nil
	})
	for name, frame := range map[string][]byte{
		"empty": {0}, "too long": {0xff, 0xff, 0x03}, "no protobuf": {3, 0xff, 0xff, 0xff}, "no key": {2, 0x08, 0x01},
		"no minimal varint": {0x82, 0x00, 0x08, 0x01},
	} {
		s, err := buyer.NewStream(t.Context(), seller.ID(), ack.Protocol(chainID))
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

// A handler that panics costs its stream, and a peer that holds all its places
// costs others nothing.
func TestOnePeerDoesNotBlockOthers(t *testing.T) {
	held, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	buyer, seller := pair(t, func(_ context.Context, _ pdx.Address, deal pdx.DealID, _ pdx.AckVoucher) error {
		switch deal {
		case 1:
			panic("boo")
		case 2:
			held <- struct{}{}
			<-release
		}
		return nil
	})
	client := ack.NewClient(buyer, chainID)
	require.ErrorIs(t, client.Hand(t.Context(), seller.ID(), 1, sample()), pdx.ErrUnavailable)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	over := make(chan error, ack.PerPeer)
	for range ack.PerPeer {
		go func() { over <- client.Hand(ctx, seller.ID(), 2, sample()) }()
		<-held
	}
	require.ErrorIs(t, client.Hand(t.Context(), seller.ID(), 3, sample()), pdx.ErrUnavailable, "all its places are taken")
	other := newHost(t)
	require.NoError(t, other.Connect(t.Context(), peer.AddrInfo{ID: seller.ID(), Addrs: seller.Addrs()}))
	require.NoError(t, ack.NewClient(other, chainID).Hand(t.Context(), seller.ID(), 3, sample()))
	cancel()
	for range ack.PerPeer {
		require.ErrorIs(t, <-over, pdx.ErrUnavailable)
	}
}

// A stranger is answered by what is wrong with its account, and the handler is not
// asked.
func TestStrangers(t *testing.T) {
	for name, c := range map[string]struct{ account, want error }{
		"proves none":     {pdx.ErrRefused, pdx.ErrRefused},
		"cannot be asked": {pdx.ErrUnavailable, pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			handler := take(func(context.Context, pdx.Address, pdx.DealID, pdx.AckVoucher) error {
				t.Error("a stranger's ack was looked at")
				return nil
			})
			buyer, seller := pairOf(t, ack.Config{Handler: handler, Account: func(context.Context, peer.ID) (pdx.Address, error) {
				return "", c.account
			}})
			require.ErrorIs(t, ack.NewClient(buyer, chainID).Hand(t.Context(), seller.ID(), 3, sample()), c.want)
		})
	}
}

func TestConfig(t *testing.T) {
	good := ack.Config{Host: newHost(t), ChainID: chainID, Account: account, Handler: take(nil)}
	for name, spoil := range map[string]func(*ack.Config){
		"host": func(c *ack.Config) { c.Host = nil }, "chain": func(c *ack.Config) { c.ChainID = "" },
		"account": func(c *ack.Config) { c.Account = nil }, "handler": func(c *ack.Config) { c.Handler = nil },
	} {
		c := good
		spoil(&c)
		_, err := ack.NewServer(c)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}
