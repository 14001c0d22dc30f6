package discovery_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	dhtpb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

const kad = protocol.ID("/pdx/" + chainID + "/kad/1.0.0")

// flood is the longest that a stranger floods in a test.
const flood = 5 * time.Second

// openKad connects from to to and opens a stream of the DHT.
func openKad(t *testing.T, from, to host.Host) network.Stream {
	t.Helper()
	require.NoError(t, from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()}))
	s, err := from.NewStream(t.Context(), to.ID(), kad)
	require.NoError(t, err)
	return s
}

// announceMessage returns a framed ADD_PROVIDER of a random key.
func announceMessage(t *testing.T, from host.Host) []byte {
	t.Helper()
	key := make([]byte, 34)
	key[0], key[1] = 0x12, 0x20
	_, err := rand.Read(key[2:])
	require.NoError(t, err)
	m := dhtpb.NewMessage(dhtpb.Message_ADD_PROVIDER, key, 0)
	m.ProviderPeers = dhtpb.RawPeerInfosToPBPeers([]peer.AddrInfo{{ID: from.ID(), Addrs: from.Addrs()}})
	return framed(t, m)
}

func framed(t *testing.T, m *dhtpb.Message) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	require.NoError(t, err)
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A stranger announces random keys as fast as it can. Memory stays flat, what
// is stored stays within its rate, and everybody else is served as before.
func TestAFloodOfRecordsDisplacesNobody(t *testing.T) {
	victim, seller, buyer, attacker := newHost(t), newHost(t), newHost(t), newHost(t)
	store := disk(t)
	v := start(t, victim, func(o *discovery.Options) { o.Store = store })
	s := start(t, seller, knows(victim))
	b := start(t, buyer, knows(victim))
	require.NoError(t, s.Announce(t.Context(), 7, pdx.RoleSeller))
	require.NoError(t, v.Announce(t.Context(), 8, pdx.RoleBuyer))
	finds(t, b, 7, pdx.RoleSeller, seller)

	before := heap()
	stream := openKad(t, attacker, victim)
	require.NoError(t, stream.SetWriteDeadline(time.Now().Add(flood)))
	w := bufio.NewWriterSize(stream, 64<<10)
	began, sent := time.Now(), 0
	for time.Since(began) < flood {
		if _, err := w.Write(announceMessage(t, attacker)); err != nil {
			break // the deadline: the stream is read at the rate, and no faster
		}
		sent++
	}
	grown := int64(heap()) - int64(before)
	stored, err := store.Records(t.Context())
	took := time.Since(began) // it is served until the count
	require.NoError(t, err)
	t.Logf("sent %d in %v, stored %d; the heap grew by %d KiB", sent, took.Round(time.Second), stored, grown>>10)
	require.Less(t, grown, int64(16<<20))
	require.Less(t, stored, discovery.PeerBurst+int(took.Seconds()+1)*discovery.PeerRate+10) // and some of the honest

	finds(t, b, 7, pdx.RoleSeller, seller)
	finds(t, s, 8, pdx.RoleBuyer, victim)
	require.NoError(t, s.Announce(t.Context(), 9, pdx.RoleSeller))
	finds(t, b, 9, pdx.RoleSeller, seller)
}

// Keys sent at once on one stream, as a sweeping provider sends them, are all
// stored.
func TestAnHonestReprovideIsStored(t *testing.T) {
	const keys = 1000
	victim, seller := newHost(t), newHost(t)
	store := disk(t)
	start(t, victim, func(o *discovery.Options) { o.Store = store })
	stream := openKad(t, seller, victim)
	var last []byte
	for range keys {
		last = announceMessage(t, seller)
		_, err := stream.Write(last)
		require.NoError(t, err)
	}
	// The stream is served in order: an answer comes when all is stored or queued.
	_, err := stream.Write(framed(t, dhtpb.NewMessage(dhtpb.Message_PING, nil, 0)))
	require.NoError(t, err)
	_, err = bufio.NewReader(stream).ReadByte()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		n, err := store.Records(t.Context())
		return err == nil && n == keys
	}, patience, glance)
}

func TestOversizedMessagesEndTheStream(t *testing.T) {
	victim, attacker, metrics := newHost(t), newHost(t), prometheus.NewRegistry()
	start(t, victim, func(o *discovery.Options) { o.Metrics = metrics })
	stream := openKad(t, attacker, victim)
	_, err := stream.Write(binary.AppendUvarint(nil, discovery.MaxMessage+1))
	require.NoError(t, err)
	require.NoError(t, stream.SetReadDeadline(time.Now().Add(patience)))
	_, err = stream.Read(make([]byte, 1))
	require.ErrorIs(t, err, network.ErrReset)
	require.Equal(t, map[string]float64{"served": 0, "slowed": 0, "refused": 1}, outcomes(t, metrics))
}

// outcomes reads the package's metrics, of which there is one.
func outcomes(t *testing.T, metrics prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := metrics.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "pdx_discovery_requests_total", families[0].GetName())
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	return got
}

// A peer has few streams; the next one is reset at once.
func TestStreamsAreFew(t *testing.T) {
	victim, attacker := newHost(t), newHost(t)
	start(t, victim, nil)
	ping := framed(t, dhtpb.NewMessage(dhtpb.Message_PING, nil, 0))
	for range discovery.MaxPeerStreams {
		s := openKad(t, attacker, victim)
		_, err := s.Write(ping)
		require.NoError(t, err)
		_, err = s.Read(make([]byte, 1))
		require.NoError(t, err)
	}
	s, err := attacker.NewStream(t.Context(), victim.ID(), kad)
	require.NoError(t, err)
	_, _ = s.Write(ping) // may fail already
	require.NoError(t, s.SetReadDeadline(time.Now().Add(patience)))
	_, err = s.Read(make([]byte, 1))
	require.ErrorIs(t, err, network.ErrReset)
}

// What others announced is there after a restart, with their addresses, and is
// not announced anew.
func TestOthersRecordsSurviveARestart(t *testing.T) {
	server, seller, buyer, store := newHost(t), newHost(t), newHost(t), disk(t)
	d := start(t, server, func(o *discovery.Options) { o.Store = store })
	s := start(t, seller, knows(server))
	require.NoError(t, s.Announce(t.Context(), 7, pdx.RoleSeller))
	finds(t, d, 7, pdx.RoleSeller, seller)
	require.NoError(t, s.Stop(context.Background()))
	require.NoError(t, seller.Close())
	require.NoError(t, d.Stop(context.Background()))

	reborn := restart(t, server)
	start(t, reborn, func(o *discovery.Options) { o.Store = store })
	b := start(t, buyer, knows(reborn))
	finds(t, b, 7, pdx.RoleSeller, seller)
}

// A node that knew somebody finds the network again although no bootstrap peer
// and no seed is left.
func TestTheNetworkIsFoundAgainWithoutBootstrap(t *testing.T) {
	hub, friend, node, store := newHost(t), newHost(t), newHost(t), disk(t)
	h := start(t, hub, nil)
	f := start(t, friend, knows(hub))
	n := start(t, node, func(o *discovery.Options) { o.Store, o.Peers = store, infos(hub) })
	require.Eventually(t, func() bool { return n.Peers() == 2 && f.Peers() == 2 }, patience, glance)
	require.NoError(t, n.Stop(context.Background()))
	gone := infos(hub)
	require.NoError(t, h.Stop(context.Background()))
	require.NoError(t, hub.Close())

	n = start(t, restart(t, node), func(o *discovery.Options) { o.Store, o.Peers = store, gone })
	require.Eventually(t, func() bool { return n.Peers() == 1 }, patience, glance)
}
