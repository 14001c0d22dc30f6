package gossip_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

const (
	chain    = "pdx-test-1"
	pool     = pdx.PoolID(7)
	patience = 10 * time.Second
	glance   = 20 * time.Millisecond
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHost returns a libp2p host on 127.0.0.1 over TCP and Noise.
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
	require.NoError(t, a.Connect(t.Context(), info(b)))
}

func info(h host.Host) peer.AddrInfo { return peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()} }

// ledger says who is what; it can be changed while it is asked.
type ledger struct {
	mu    sync.Mutex
	roles map[pdx.Role]map[pdx.Address]gossip.RoleCheck
}

func (l *ledger) set(account *identitytest.Account, role pdx.Role, s gossip.RoleCheck) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.roles == nil {
		l.roles = make(map[pdx.Role]map[pdx.Address]gossip.RoleCheck)
	}
	if l.roles[role] == nil {
		l.roles[role] = make(map[pdx.Address]gossip.RoleCheck)
	}
	l.roles[role][account.Account()] = s
}

// Role answers for every pool; an account that was never set lacks the role.
func (l *ledger) Role(_ context.Context, _ pdx.PoolID, _ pdx.DealID, account pdx.Address, role pdx.Role) gossip.RoleCheck {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.roles[role][account]; ok {
		return s
	}
	return gossip.Lacks
}

// Known holds for the whole ledger, which is in memory.
func (*ledger) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return true }

func start(t *testing.T, h host.Host, signer identity.Signer, roles gossip.Roles, change func(*gossip.Options)) *gossip.Mesh {
	t.Helper()
	opt := gossip.Options{ChainID: chain, Signer: signer, Roles: roles}
	if change != nil {
		change(&opt)
	}
	m, err := gossip.New(h, opt)
	require.NoError(t, err)
	require.NoError(t, m.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, m.Stop(context.Background())) })
	return m
}

func join(t *testing.T, m *gossip.Mesh, pool pdx.PoolID) *gossip.Subscription {
	t.Helper()
	s, err := m.Join(t.Context(), pool)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// sees waits until s has n connected peers of its pool.
func sees(t *testing.T, s *gossip.Subscription, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return s.Peers() == n }, patience, glance)
}

func next(t *testing.T, s *gossip.Subscription) gossip.Notice {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n, err := s.Next(ctx)
	require.NoError(t, err)
	return n
}

// meshed waits until what is said in one place is passed on to all others: a
// mesh takes a heartbeat to form, and passes nothing on before.
func meshed(t *testing.T, from *gossip.Subscription, to ...*gossip.Subscription) {
	t.Helper()
	for _, s := range to {
		require.Eventually(t, func() bool {
			require.NoError(t, from.Publish(t.Context(), gossip.Offered{Deal: 999}))
			_, heard := within(t, s, 100*time.Millisecond)
			return heard
		}, patience, glance)
	}
	for _, s := range to {
		for heard := true; heard; {
			_, heard = within(t, s, 300*time.Millisecond)
		}
	}
}

func within(t *testing.T, s *gossip.Subscription, d time.Duration) (gossip.Notice, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	n, err := s.Next(ctx)
	return n, err == nil
}

// silent checks that nothing arrives for a moment.
func silent(t *testing.T, s *gossip.Subscription) {
	t.Helper()
	n, heard := within(t, s, 300*time.Millisecond)
	require.False(t, heard, "%v", n)
}

// hostile speaks gossipsub without any of this package's manners.
type hostile struct {
	host  host.Host
	topic *pubsub.Topic
}

func newHostile(t *testing.T) hostile {
	t.Helper()
	h := newHost(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ps, err := pubsub.NewGossipSub(ctx, h, pubsub.WithFloodPublish(true))
	require.NoError(t, err)
	top, err := ps.Join("/pdx/" + chain + "/pool/" + pool.String() + "/1")
	require.NoError(t, err)
	_, err = top.Subscribe()
	require.NoError(t, err)
	return hostile{h, top}
}

// offered returns an honest notice of signer at this host, to be spoilt by a test.
func (x hostile) offered(t *testing.T, signer identity.Signer, deal uint64) *discoverypb.Notice {
	b, err := identity.Bind(signer, identity.Terms{ChainID: chain, Peer: x.host.ID()}, time.Now())
	require.NoError(t, err)
	return &discoverypb.Notice{
		Binding: b, PoolId: uint64(pool), Sent: time.Now().UnixMilli(),
		Body: &discoverypb.Notice_Offered{Offered: &discoverypb.Offered{DealId: deal}},
	}
}

func (x hostile) say(t *testing.T, n *discoverypb.Notice) {
	t.Helper()
	payload, err := proto.Marshal(n)
	require.NoError(t, err)
	require.NoError(t, x.topic.Publish(t.Context(), payload))
}

// hears waits until this peer knows of a listener.
func (x hostile) hears(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return len(x.topic.ListPeers()) > 0 }, patience, glance)
}
