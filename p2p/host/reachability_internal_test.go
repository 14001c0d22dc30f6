package host

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2/pb"
	"github.com/libp2p/go-msgio/pbio"
	"github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// productHost returns a host as the daemon makes it, on a loopback address.
func productHost(t *testing.T, localNetwork bool) host.Host {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	var h host.Host
	for range 5 { // a free port may be taken before the host listens
		listen, err := ListenAddrs([]string{"/ip4/127.0.0.1/tcp/0"}, true, map[string]int{})
		require.NoError(t, err)
		if h, err = New(Config{Key: key, Listen: listen, QUIC: true, LocalNetwork: localNetwork, Metrics: prometheus.NewRegistry()}); err == nil {
			break
		}
		require.ErrorIs(t, err, pdx.ErrUnavailable)
	}
	require.NotNil(t, h)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func reports(t *testing.T, h host.Host) event.Subscription {
	t.Helper()
	sub, err := h.EventBus().Subscribe(new(event.EvtLocalReachabilityChanged))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sub.Close()) })
	return sub
}

// await reads reports until the wanted one.
func await(t *testing.T, sub event.Subscription, want network.Reachability) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case e := <-sub.Out():
			if e.(event.EvtLocalReachabilityChanged).Reachability == want {
				return
			}
		case <-deadline:
			require.FailNow(t, "no report", "of %v", want)
		}
	}
}

func TestReachabilityIsThatOfAutoNAT2(t *testing.T) {
	h := productHost(t, false)
	sub := reports(t, h)
	await(t, sub, network.ReachabilityUnknown)
	found, err := h.EventBus().Emitter(new(event.EvtHostReachableAddrsChanged))
	require.NoError(t, err)
	defer found.Close()
	addr := []multiaddr.Multiaddr{multiaddr.StringCast("/ip4/45.1.1.1/tcp/1")}
	for _, c := range []struct {
		found event.EvtHostReachableAddrsChanged
		want  network.Reachability
	}{
		{event.EvtHostReachableAddrsChanged{Reachable: addr, Unreachable: addr, Unknown: addr}, network.ReachabilityPublic},
		{event.EvtHostReachableAddrsChanged{Unreachable: addr, Unknown: addr}, network.ReachabilityPrivate},
		{event.EvtHostReachableAddrsChanged{Reachable: addr}, network.ReachabilityPublic},
		{event.EvtHostReachableAddrsChanged{Unknown: addr}, network.ReachabilityUnknown},
		{event.EvtHostReachableAddrsChanged{Unreachable: addr}, network.ReachabilityPrivate},
		{event.EvtHostReachableAddrsChanged{}, network.ReachabilityUnknown},
	} {
		require.NoError(t, found.Emit(c.found))
		await(t, sub, c.want)
		require.Equal(t, c.found.Reachable, Confirmed(h))
	}
}

// Whoever subscribes to a new host does not see the value that was forced on it.
func TestNobodySeesTheForcedReachability(t *testing.T) {
	for range 20 {
		first := <-reports(t, productHost(t, false)).Out()
		require.Equal(t, network.ReachabilityUnknown, first.(event.EvtLocalReachabilityChanged).Reachability)
	}
}

func TestEverybodyIsReachableInALocalNetwork(t *testing.T) {
	h := productHost(t, true)
	await(t, reports(t, h), network.ReachabilityPublic)
}

// AutoNAT v1 would be a second source: it asks whoever serves it and believes
// the answer. It neither asks nor serves.
func TestAutoNAT1IsOff(t *testing.T) {
	for _, local := range []bool{false, true} {
		var cfg libp2p.Config
		require.NoError(t, cfg.Apply(reachabilityOptions(local)...))
		require.NotNil(t, cfg.ForceReachability, "AutoNAT v1 asks nobody")
		require.False(t, cfg.EnableService, "AutoNAT v1 serves nobody")
		require.Equal(t, !local, cfg.EnableAutoNATv2)
	}
}

// One peer gets 12 dial-backs a minute, or it could have this node dial others
// as often as it likes.
func TestDialBacksAreLimited(t *testing.T) {
	const perMinute = 12
	server, asker := productHost(t, false), productHost(t, false)
	require.NoError(t, asker.Connect(t.Context(), peer.AddrInfo{ID: server.ID(), Addrs: server.Network().ListenAddresses()}))
	for i := range perMinute + 1 {
		want := pb.DialResponse_E_DIAL_REFUSED // a loopback address is not dialled, but counts
		if i == perMinute {
			want = pb.DialResponse_E_REQUEST_REJECTED
		}
		require.Equal(t, want, askDialBack(t, asker, server.ID()), "request %d", i+1)
	}
}

func askDialBack(t *testing.T, asker host.Host, server peer.ID) pb.DialResponse_ResponseStatus {
	t.Helper()
	s, err := asker.NewStream(t.Context(), server, autonatv2.DialProtocol)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.SetDeadline(time.Now().Add(20*time.Second)))
	addr := multiaddr.StringCast("/ip4/127.0.0.1/tcp/1").Bytes()
	_ = pbio.NewDelimitedWriter(s).WriteMsg(&pb.Message{Msg: &pb.Message_DialRequest{DialRequest: &pb.DialRequest{Addrs: [][]byte{addr}}}})
	var res pb.Message
	require.NoError(t, pbio.NewDelimitedReader(s, 1<<13).ReadMsg(&res))
	return res.GetDialResponse().GetStatus()
}
