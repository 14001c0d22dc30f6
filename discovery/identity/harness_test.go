package identity_test

import (
	"bufio"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
)

const (
	chainID  = "pdx-test-1"
	hello1   = protocol.ID("/pdx/" + chainID + "/hello/1")
	patience = 20 * time.Second
	glance   = 10 * time.Millisecond
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHost is a libp2p host on 127.0.0.1 over TCP and Noise.
func newHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DisableRelay(),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func connect(t *testing.T, a, b host.Host) {
	t.Helper()
	require.NoError(t, a.Connect(t.Context(), peer.AddrInfo{ID: b.ID(), Addrs: b.Addrs()}))
}

func start(t *testing.T, h host.Host, signer identity.Signer, change ...func(*identity.Config)) *identity.Service {
	t.Helper()
	c := identity.Config{Host: h, ChainID: chainID, Signer: signer}
	for _, f := range change {
		f(&c)
	}
	s, err := identity.New(c)
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) })
	return s
}

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// hostile is one end of the protocol, frame by frame.
type hostile struct {
	stream network.Stream
	in     *bufio.Reader
}

func newHostile(s network.Stream) hostile { return hostile{s, bufio.NewReader(s)} }

func (k hostile) send(m proto.Message) error {
	_, err := protodelim.MarshalTo(k.stream, m)
	return err
}

func (k hostile) challenge() ([]byte, error) {
	var h discoverypb.Hello
	err := protodelim.UnmarshalFrom(k.in, &h)
	return h.GetChallenge(), err
}

func (k hostile) binding() (*discoverypb.Binding, error) {
	var b discoverypb.Binding
	err := protodelim.UnmarshalFrom(k.in, &b)
	return &b, err
}

// answers makes h respond by the protocol, with whatever binding forge returns
// for the terms that an honest one would have.
func answers(h host.Host, forge func(identity.Terms) *discoverypb.Binding) {
	h.SetStreamHandler(hello1, func(s network.Stream) {
		defer s.Close()
		k := newHostile(s)
		challenge, err := k.challenge()
		if err != nil || k.send(&discoverypb.Hello{Challenge: make([]byte, 32)}) != nil {
			return
		}
		if _, err := k.binding(); err != nil {
			return
		}
		_ = k.send(forge(identity.Terms{ChainID: chainID, Peer: h.ID(), Audience: s.Conn().RemotePeer(), Nonce: challenge}))
	})
}

// presents opens the protocol from h to a peer and presents what forge returns;
// it reports whether the other side accepted it by naming its own account.
func presents(t *testing.T, h host.Host, to peer.ID, forge func(identity.Terms) *discoverypb.Binding) (accepted bool) {
	t.Helper()
	s, err := h.NewStream(t.Context(), to, hello1)
	require.NoError(t, err)
	defer s.Close()
	k := newHostile(s)
	require.NoError(t, k.send(&discoverypb.Hello{Challenge: make([]byte, 32)}))
	challenge, err := k.challenge()
	require.NoError(t, err)
	require.NoError(t, k.send(forge(identity.Terms{ChainID: chainID, Peer: h.ID(), Audience: to, Nonce: challenge})))
	_, err = k.binding()
	return err == nil
}

func made(t *testing.T, signer identity.Signer, terms identity.Terms, at time.Time) *discoverypb.Binding {
	b, err := identity.Bind(signer, terms, at)
	require.NoError(t, err)
	return b
}
