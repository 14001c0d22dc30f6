package adversary

import (
	"context"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// patience bounds one thing that a peer tries.
const patience = 30 * time.Second

// poll suits a development chain's blocks.
const poll = 50 * time.Millisecond

// A Peer is a host that serves nothing but the handshake that proves accounts.
type Peer struct {
	Host    host.Host
	Hello   *identity.Service // nil for an Impostor
	chainID string
	t       testing.TB
}

// NewHost returns a host with a fresh identity that listens on loopback. Without
// options it speaks Noise over TCP, as nodes do.
func NewHost(t testing.TB, options ...libp2p.Option) host.Host {
	t.Helper()
	if len(options) == 0 {
		options = []libp2p.Option{
			libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New), libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
		}
	}
	h, err := libp2p.New(append(options, libp2p.DisableRelay())...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// New returns a peer that proves signer's account correctly.
func New(t testing.TB, chainID string, signer identity.Signer) *Peer {
	t.Helper()
	p := &Peer{Host: NewHost(t), chainID: chainID, t: t}
	greeter, err := identity.New(identity.Config{Host: p.Host, ChainID: chainID, Signer: signer})
	require.NoError(t, err)
	require.NoError(t, greeter.Start(t.Context()))
	t.Cleanup(func() { _ = greeter.Stop(context.Background()) })
	p.Hello = greeter
	return p
}

// Meet connects to a node at one of its addresses, which end in its peer id, and makes
// the peer's account known to it, as whoever asks for something must.
func (p *Peer) Meet(listen []string) peer.ID {
	p.t.Helper()
	info := InfoOf(p.t, listen)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	require.NoError(p.t, p.Host.Connect(ctx, info))
	if p.Hello != nil {
		require.NoError(p.t, p.Hello.Introduce(ctx, info.ID))
	}
	return info.ID
}

// InfoOf parses the addresses at which a node listens, which end in its peer id.
func InfoOf(t testing.TB, listen []string) (info peer.AddrInfo) {
	t.Helper()
	for _, text := range listen {
		one, err := peer.AddrInfoFromString(text)
		require.NoError(t, err)
		info.ID = one.ID
		info.Addrs = append(info.Addrs, one.Addrs...)
	}
	require.NotEmpty(t, info.Addrs)
	return info
}

// Pull tries to pull a ciphertext and returns how many bytes arrived.
func (p *Peer) Pull(from peer.ID, root pdx.ContentID, size uint64) (held uint64, err error) {
	p.t.Helper()
	store := mem.New()
	client, err := transfer.NewClient(transfer.ClientConfig{Host: p.Host, ChainID: p.chainID, Store: store})
	require.NoError(p.t, err)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	err = client.Pull(ctx, from, root, size, nil)
	for info, listed := range store.List(ctx) {
		require.NoError(p.t, listed)
		held += info.Held
	}
	return held, err
}

// Ask asks a validator to check a deal and returns its refusal or nil.
func (p *Peer) Ask(validator peer.ID, r validation.Request) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	_, err := validation.NewClient(p.Host, p.chainID).Ask(ctx, validator, r, nil)
	return err
}
