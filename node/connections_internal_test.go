package node

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/node/ack"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/p2p/connmgr"
	p2phost "github.com/medibloc/pdx/p2p/host"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/perf"
	"github.com/medibloc/pdx/transfer/transferpb"
)

const testChain = "pdx-test-1"

// daemonHost is the host of a daemon at a loopback address, whose connections may be
// closed as soon as they are there.
func daemonHost(t *testing.T, ip string) host.Host {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	var h host.Host
	for range 5 { // a free port may be taken before the host listens
		listen, err := p2phost.ListenAddrs([]string{"/ip4/" + ip + "/tcp/0"}, false, map[string]int{})
		require.NoError(t, err)
		h, err = p2phost.New(p2phost.Config{
			Key: key, Listen: listen, LocalNetwork: true, Metrics: prometheus.NewRegistry(), Grace: time.Nanosecond,
		})
		if err == nil {
			break
		}
		require.ErrorIs(t, err, pdx.ErrUnavailable)
	}
	require.NotNil(t, h)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func meet(t *testing.T, from, to host.Host) {
	t.Helper()
	require.NoError(t, from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.Network().ListenAddresses()}))
	within(t, "connected", func() bool { return to.Network().Connectedness(from.ID()) == network.Connected })
}

// within waits for what a real network brings about.
func within(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, time.Minute, 2*time.Millisecond, what)
}

// crowd connects 60 hosts from each of six addresses, each with six streams on which it
// says nothing after the first byte, and returns how many are connected.
func crowd(t *testing.T, to host.Host, protocols ...protocol.ID) (connected func() int) {
	t.Helper()
	var group sync.WaitGroup
	hosts := make([]host.Host, 360)
	var failed atomic.Int32
	for worker := range 8 {
		group.Go(func() {
			for i := worker; i < len(hosts); i += 8 {
				if hosts[i] = stranger(t, fmt.Sprintf("127.0.0.%d", 20+i%6)); !idle(t.Context(), hosts[i], to, protocols) {
					failed.Add(1)
				}
			}
		})
	}
	group.Wait()
	require.Zero(t, failed.Load())
	return func() (n int) {
		for _, h := range hosts {
			if to.Network().Connectedness(h.ID()) == network.Connected {
				n++
			}
		}
		return n
	}
}

// stranger is a host without limits of its own.
func stranger(t *testing.T, ip string) host.Host {
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/"+ip+"/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New),
		libp2p.DisableRelay(), libp2p.DisableMetrics(), libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.ResourceManager(&network.NullResourceManager{}),
	)
	if err != nil {
		t.Errorf("make a stranger: %v", err)
		return nil
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func idle(ctx context.Context, from, to host.Host, protocols []protocol.ID) bool {
	if from == nil || from.Connect(ctx, peer.AddrInfo{ID: to.ID(), Addrs: to.Network().ListenAddresses()}) != nil {
		return false
	}
	for range 6 {
		for _, id := range protocols {
			if s, err := from.NewStream(ctx, to.ID(), id); err == nil { // the resource manager may say no
				_, _ = s.Write([]byte{1})
			}
		}
	}
	return true
}

func everybody(context.Context, peer.ID, pdx.ContentID) error { return nil }

// 360 hosts behind six addresses, all of which have idle streams, cost a peer that
// pulls nothing, although it is behind one of these addresses itself.
func TestCrowdDoesNotCutAPull(t *testing.T) {
	victim, honest := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.20")
	victim.SetStreamHandler("/test/idle", func(s network.Stream) { _, _ = io.Copy(io.Discard, s) })
	there, here := mem.New(), mem.New()
	data := blobtest.Bytes(8<<20, 1)
	id := blobtest.Add(t, there, data)
	slow, err := transfer.ParseUpload("256KiB", nil)
	require.NoError(t, err)
	server, err := transfer.NewServer(victim, testChain, there, transfer.AuthorizerFunc(everybody), transfer.WithUpload(slow))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	defer func() { require.NoError(t, server.Stop(context.Background())) }()
	activities := activity.NewLog()
	client, err := transfer.NewClient(transfer.ClientConfig{Host: honest, ChainID: testChain, Store: here, Activities: activities})
	require.NoError(t, err)

	inAddresses := victim.ConnManager()
	connected := crowd(t, victim, "/test/idle", transfer.Protocol(testChain))
	meet(t, honest, victim) // the last of its address
	pulled := make(chan error, 1)
	moved := make(chan struct{})
	go func() {
		var once sync.Once
		pulled <- client.Pull(t.Context(), victim.ID(), id, uint64(len(data)), func(held, _ uint64) {
			if held > 0 {
				once.Do(func() { close(moved) })
			}
		})
	}()
	<-moved
	within(t, "protected at both ends", func() bool {
		return inAddresses.IsProtected(honest.ID(), "") && honest.ConnManager().IsProtected(victim.ID(), "")
	})
	inAddresses.TrimOpenConns(t.Context())
	within(t, "the crowd is thinned out", func() bool { return connected() <= 160 })
	require.NotZero(t, connected(), "not everybody is sent away")

	server.SetUpload(transfer.Upload{})
	require.NoError(t, <-pulled)
	for _, route := range activities.List()[0].Routes {
		require.Zero(t, route.Retries, "it was never cut")
	}
	within(t, "protected for as long as the pull took", func() bool {
		return !inAddresses.IsProtected(honest.ID(), "") && !honest.ConnManager().IsProtected(victim.ID(), "")
	})
}

// slowSigner signs when it may.
type slowSigner struct {
	identity.Signer
	signing, may chan struct{}
}

func (s slowSigner) Sign(message []byte) ([]byte, error) {
	close(s.signing)
	<-s.may
	return s.Signer.Sign(message)
}

// slowHandler handles validations and acks when it may.
type slowHandler struct{ working, may chan struct{} }

func (h slowHandler) work() { close(h.working); <-h.may }

func (slowHandler) Admit(context.Context, validation.Asker, pdx.DealID) error { return nil }

func (h slowHandler) Validate(
	context.Context, validation.Asker, validation.Request, func(pdx.Progress),
) (pdx.Verdict, error) {
	h.work()
	return pdx.Verdict{}, pdx.ErrUnavailable
}

func (h slowHandler) Take(context.Context, pdx.Address, pdx.DealID, pdx.AckVoucher) error {
	h.work()
	return nil
}

func anyAccount(context.Context, peer.ID) (pdx.Address, error) { return "panacea1any", nil }

// works are what one node asks of another. Each returns when it is done, closes working
// when it is under way, and goes on when it may.
var works = map[string]func(t *testing.T, here, there host.Host, h slowHandler) (server startStopper, work func(context.Context) error){
	"hello": func(t *testing.T, here, there host.Host, h slowHandler) (startStopper, func(context.Context) error) {
		asker, err := identity.New(identity.Config{Host: here, ChainID: testChain, Signer: identitytest.New("here")})
		require.NoError(t, err)
		require.NoError(t, asker.Start(t.Context()))
		t.Cleanup(func() { require.NoError(t, asker.Stop(context.Background())) })
		server, err := identity.New(identity.Config{
			Host: there, ChainID: testChain, Signer: slowSigner{identitytest.New("there"), h.working, h.may},
		})
		require.NoError(t, err)
		return server, func(ctx context.Context) error {
			_, err := asker.Account(ctx, there.ID())
			return err
		}
	},
	"validation": func(t *testing.T, here, there host.Host, h slowHandler) (startStopper, func(context.Context) error) {
		server, err := validation.NewServer(validation.Config{
			Host: there, ChainID: testChain, Handler: h, Account: anyAccount, Slots: 1, SlotsEach: 1,
			Load: func() validation.Load { return validation.Load{} },
		})
		require.NoError(t, err)
		return server, func(ctx context.Context) error {
			var r validation.Request
			r.Deal, r.Opening[0], r.Proof[0] = 1, 1, 1
			_, err := validation.NewClient(here, testChain).Ask(ctx, there.ID(), r, nil)
			if err != nil {
				require.ErrorIs(t, err, pdx.ErrUnavailable)
			}
			return nil
		}
	},
	"ack": func(t *testing.T, here, there host.Host, h slowHandler) (startStopper, func(context.Context) error) {
		server, err := ack.NewServer(ack.Config{Host: there, ChainID: testChain, Handler: h, Account: anyAccount})
		require.NoError(t, err)
		return server, func(ctx context.Context) error {
			return ack.NewClient(here, testChain).Hand(ctx, there.ID(), 1, pdx.AckVoucher{AckHeight: 1, ExpiryHeight: 2})
		}
	},
	"perf": func(t *testing.T, here, there host.Host, h slowHandler) (startStopper, func(context.Context) error) {
		server, err := perf.NewServer(perf.Config{Host: there, ChainID: testChain, Account: anyAccount})
		require.NoError(t, err)
		var once sync.Once
		return server, func(ctx context.Context) error {
			return perf.Perf(ctx, here, testChain, there.ID(), perf.MaxBytes, 0, func(perf.Sample) { once.Do(h.work) })
		}
	},
	"many small blobs": func(t *testing.T, here, there host.Host, h slowHandler) (startStopper, func(context.Context) error) {
		blobs := mem.New()
		id := blobtest.Add(t, blobs, blobtest.Bytes(100, 1))
		var once sync.Once
		server, err := transfer.NewServer(there, testChain, slowStore{blobs, func() { once.Do(h.work) }}, transfer.AuthorizerFunc(everybody))
		require.NoError(t, err)
		client, err := transfer.NewClient(transfer.ClientConfig{Host: here, ChainID: testChain, Store: mem.New()})
		require.NoError(t, err)
		return server, func(ctx context.Context) error {
			_, err := client.PullMany(ctx, there.ID(), []pdx.ContentID{id}, nil)
			return err
		}
	},
}

type startStopper interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// slowStore reads small blobs when it may.
type slowStore struct {
	blob.Store
	before func()
}

func (s slowStore) Small(ctx context.Context, id pdx.ContentID, buf []byte) ([]byte, error) {
	s.before()
	return s.Store.Small(ctx, id, buf)
}

// Both ends keep the connection while they work with each other, and not longer.
func TestWorkProtectsBothEnds(t *testing.T) {
	for name, work := range works {
		t.Run(name, func(t *testing.T) {
			here, there := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.1")
			meet(t, here, there)
			h := slowHandler{make(chan struct{}), make(chan struct{})}
			server, run := work(t, here, there, h)
			require.NoError(t, server.Start(t.Context()))
			defer func() { require.NoError(t, server.Stop(context.Background())) }()
			goOn := sync.OnceFunc(func() { close(h.may) })
			defer goOn()
			protected := func() (n int) {
				if here.ConnManager().IsProtected(there.ID(), "") {
					n++
				}
				if there.ConnManager().IsProtected(here.ID(), "") {
					n++
				}
				return n
			}
			require.Zero(t, protected())
			done := make(chan error, 1)
			go func() { done <- run(t.Context()) }()
			<-h.working
			require.Equal(t, 2, protected())
			goOn()
			require.NoError(t, <-done)
			within(t, "over at both ends", func() bool { return protected() == 0 })
		})
	}
}

// A stranger that opens a stream of each protocol and says nothing is not protected.
func TestIdleStreamsDoNotProtect(t *testing.T) {
	for name, work := range works {
		t.Run(name, func(t *testing.T) {
			here, there := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.1")
			meet(t, here, there)
			h := slowHandler{make(chan struct{}), make(chan struct{})}
			server, _ := work(t, here, there, h)
			require.NoError(t, server.Start(t.Context()))
			defer func() { _ = server.Stop(cancelled(t)) }()
			opened := 0
			for _, id := range there.Mux().Protocols() {
				if len(id) < 5 || id[:5] != "/pdx/" {
					continue
				}
				s, err := here.NewStream(t.Context(), there.ID(), id)
				require.NoError(t, err)
				defer s.Reset() // it may be gone
				_, err = s.Write([]byte{1})
				require.NoError(t, err)
				opened++
			}
			require.NotZero(t, opened)
			within(t, "the streams are served", func() bool { return streamsOf(there, here.ID()) == opened })
			require.False(t, there.ConnManager().IsProtected(here.ID(), ""))
		})
	}
}

// streamsOf counts the streams of a peer whose protocol is negotiated.
func streamsOf(h host.Host, id peer.ID) (n int) {
	for _, c := range h.Network().ConnsToPeer(id) {
		for _, s := range c.GetStreams() {
			if p := s.Protocol(); len(p) > 5 && p[:5] == "/pdx/" {
				n++
			}
		}
	}
	return n
}

// A puller that asks for a blob and does not read it is protected for seconds only.
func TestPullersThatDoNotReadAreNotProtected(t *testing.T) {
	here, there := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.1")
	meet(t, here, there)
	blobs := mem.New()
	id := blobtest.Add(t, blobs, blobtest.Bytes(16<<20, 1))
	server, err := transfer.NewServer(there, testChain, blobs, transfer.AuthorizerFunc(everybody))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	defer func() { _ = server.Stop(cancelled(t)) }()
	s, err := here.NewStream(t.Context(), there.ID(), transfer.Protocol(testChain))
	require.NoError(t, err)
	defer s.Reset() // it may be gone
	require.NoError(t, stream.WriteFrame(s, &transferpb.Request{Root: id[:], Ranges: []*transferpb.Range{{Count: 256}}}))
	_, err = bufio.NewReader(s).ReadByte() // the answer comes
	require.NoError(t, err)
	within(t, "protected", func() bool { return there.ConnManager().IsProtected(here.ID(), "") })
	within(t, "not protected any more", func() bool { return !there.ConnManager().IsProtected(here.ID(), "") })
	require.Equal(t, 1, streamsOf(there, here.ID()), "although it is not given up yet")
}

// knowing is Roles that everybody has.
type knowing struct{}

func (knowing) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return true }

func (knowing) Role(context.Context, pdx.PoolID, pdx.DealID, pdx.Address, pdx.Role) gossip.RoleCheck {
	return gossip.Holds
}

// Peers in the mesh of a topic are preferred, and not protected: any stranger gets there.
func TestTopicPeersArePreferred(t *testing.T) {
	here, there := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.1")
	for i, h := range []host.Host{here, there} {
		mesh, err := gossip.New(h, gossip.Options{ChainID: testChain, Signer: identitytest.New(fmt.Sprint(i)), Roles: knowing{}})
		require.NoError(t, err)
		require.NoError(t, mesh.Start(t.Context()))
		defer func() { require.NoError(t, mesh.Stop(context.Background())) }()
		_, err = mesh.Join(t.Context(), 1)
		require.NoError(t, err)
	}
	meet(t, here, there)
	within(t, "preferred", func() bool { return there.ConnManager().GetTagInfo(here.ID()).Value > 0 })
	require.False(t, there.ConnManager().IsProtected(here.ID(), ""))
}

func TestCounterpartiesAreTagged(t *testing.T) {
	self, seller := daemonHost(t, "127.0.0.1"), daemonHost(t, "127.0.0.2")
	validator, other := daemonHost(t, "127.0.0.3"), daemonHost(t, "127.0.0.4")
	for _, h := range []host.Host{seller, validator, other} {
		meet(t, h, self)
	}
	accounts := map[peer.ID]pdx.Address{seller.ID(): "panacea1seller", other.ID(): "panacea1other"}
	var seeds atomic.Pointer[[]peer.AddrInfo]
	seeds.Store(&[]peer.AddrInfo{{ID: validator.ID()}})
	var party atomic.Value
	party.Store(pdx.Address("panacea1seller"))
	c := peers.NewCounterparties(peers.CounterpartiesConfig{
		Host: self, Log: slog.New(slog.DiscardHandler),
		Known: func(id peer.ID) (pdx.Address, bool) { a, ok := accounts[id]; return a, ok },
		Deals: func(a pdx.Address) bool { return party.Load() == a },
		Seeds: func(context.Context) ([]peer.AddrInfo, error) { return *seeds.Load(), nil },
	})
	value := func(h host.Host) int { return self.ConnManager().GetTagInfo(h.ID()).Value }
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	defer running.Wait()
	defer cancel()
	within(t, "tagged", func() bool {
		return value(seller) == connmgr.DealWeight && value(validator) == connmgr.ValidatorWeight
	})
	require.Zero(t, value(other))

	party.Store(pdx.Address("panacea1other"))
	c.Met("panacea1other", other.ID())
	require.Equal(t, connmgr.DealWeight, value(other), "at once when it proves its account")
	seeds.Store(&[]peer.AddrInfo{})
	c.Wake()
	within(t, "untagged", func() bool {
		return value(seller) == 0 && value(validator) == 0 // its deals have ended; it is not a validator any more
	})
	require.Equal(t, connmgr.DealWeight, value(other))
}
