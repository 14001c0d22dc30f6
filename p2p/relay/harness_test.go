package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/transport"
)

// poll is how often a test looks for what it waits for.
const poll = 20 * time.Millisecond

// patience bounds what a test waits for on a busy machine.
const patience = 60 * time.Second

// newHost returns a host with a node's transports; a private one has no address to be dialled at.
func newHost(t *testing.T, private bool) host.Host {
	t.Helper()
	options := append(transport.Options(false), libp2p.EnableRelay(), libp2p.DisableMetrics(), libp2p.ForceReachabilityPrivate())
	if private {
		options = append(options, libp2p.NoListenAddrs, libp2p.EnableRelay())
	} else {
		options = append(options, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	}
	h, err := libp2p.New(options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// accounts are those that peers have proven, and that have something at stake.
type accounts struct {
	mu     sync.Mutex
	proven map[peer.ID]pdx.Address
	staked map[pdx.Address]bool
}

func (a *accounts) prove(id peer.ID, account pdx.Address, staked bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.proven[id], a.staked[account] = account, staked
}

func (a *accounts) known(id peer.ID) (pdx.Address, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	account, ok := a.proven[id]
	return account, ok
}

func (a *accounts) admit(_ context.Context, account pdx.Address) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.staked[account] {
		return fmt.Errorf("%w: nothing at stake", pdx.ErrRefused)
	}
	return nil
}

// newServer returns a relay that serves, with these limits where they are set.
func newServer(t *testing.T, l Limits) (*Server, *accounts) {
	t.Helper()
	a := &accounts{proven: map[peer.ID]pdx.Address{}, staked: map[pdx.Address]bool{}}
	full := Limits{Reservations: 8, Circuits: 4, AccountBytes: 1 << 30, TotalBytes: 1 << 30, Rate: l.Rate}
	if l.Reservations > 0 {
		full.Reservations = l.Reservations
	}
	if l.AccountBytes > 0 {
		full.AccountBytes = l.AccountBytes
	}
	if l.TotalBytes > 0 {
		full.TotalBytes = l.TotalBytes
	}
	s, err := NewServer(ServerConfig{Host: newHost(t, false), Known: a.known, Admit: a.admit, Limits: full, PrivateAddresses: true})
	require.NoError(t, err)
	require.NoError(t, s.Serve(true))
	t.Cleanup(func() { require.NoError(t, s.Serve(false)) })
	return s, a
}

func infoOf(h host.Host) peer.AddrInfo {
	return peer.AddrInfo{ID: h.ID(), Addrs: h.Network().ListenAddresses()}
}

// through returns the address of a peer through a relay.
func through(t *testing.T, relay host.Host, to peer.ID) peer.AddrInfo {
	t.Helper()
	for _, a := range relay.Network().ListenAddresses() {
		if _, err := a.ValueForProtocol(multiaddr.P_TCP); err == nil {
			return peer.AddrInfo{ID: to, Addrs: []multiaddr.Multiaddr{
				multiaddr.StringCast(a.String() + "/p2p/" + relay.ID().String() + "/p2p-circuit"),
			}}
		}
	}
	t.Fatal("the relay does not listen")
	return peer.AddrInfo{}
}

// connect connects a host to a peer through a relay.
func connect(t *testing.T, from, relay host.Host, to peer.ID) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return from.Connect(ctx, through(t, relay, to))
}

// echo makes a host send back what it is sent.
func echo(h host.Host) {
	h.SetStreamHandler("/echo", func(s network.Stream) {
		defer s.Close()
		buf := make([]byte, 32<<10)
		for {
			n, err := s.Read(buf)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				_ = s.Reset()
				return
			}
			if _, err := s.Write(buf[:n]); err != nil {
				return
			}
		}
	})
}
