package bench_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/integration/bench"
)

const (
	// announceServers is a little more than the 20 that keep each record.
	announceServers = 24
	// announceEvery is how often everything is announced again.
	announceEvery = 4 * time.Hour
	announceChain = "pdx-bench-1"
)

// BenchmarkAnnounce has one node announce ciphertexts and pools to a network in which every
// server keeps nearly every record, which costs most.
func BenchmarkAnnounce(b *testing.B) {
	table := &bench.Table{
		Name: "announce", Title: "One node announces ciphertexts and its role in pools, once in four hours",
		Columns: []string{"took, s", "processor, s", "of one core, %", "sent, MiB", "received, MiB", "sent, KiB/s on average"},
	}
	table.Add("10,000 ciphertexts and 1,000 pools", announceAll(b, 10_000, 1_000)...)
	table.Note("The processor's time is that of the node and of %d servers together. The averages are over the four hours after which "+
		"everything is announced again.", announceServers)
	require.NoError(b, table.Report())
}

func announceAll(b *testing.B, blobs, pools int) []float64 {
	var servers []peer.AddrInfo
	var kept []*netdb.DB
	for range announceServers {
		h := loopbackHost(b, nil)
		kept = append(kept, announcer(b, h, discovery.ModeServer, servers))
		servers = append(servers, peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()})
	}
	count := &byteCount{Reporter: metrics.NewBandwidthCounter()}
	h := loopbackHost(b, count)
	d, err := discovery.New(h, discovery.Options{ // a store in memory: each announcement is synced to disk, once
		ChainID: announceChain, Mode: discovery.ModeClient, LocalNetwork: true, Peers: servers,
	})
	require.NoError(b, err)
	for i := range blobs {
		var id pdx.ContentID
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		require.NoError(b, d.AnnounceContent(b.Context(), id))
	}
	for i := range pools {
		require.NoError(b, d.Announce(b.Context(), pdx.PoolID(i+1), pdx.RoleSeller))
	}
	used, began := bench.Processor(), time.Now()
	require.NoError(b, d.Start(b.Context()))
	defer func() { require.NoError(b, d.Stop(context.Background())) }()
	want, deadline := 20*(blobs+pools), time.Now().Add(10*time.Minute)
	for got := 0; got < want; {
		require.Less(b, time.Now(), deadline, "%d of %d records", got, want)
		<-time.After(100 * time.Millisecond)
		got = 0
		for _, db := range kept {
			n, err := db.Records(b.Context())
			require.NoError(b, err)
			got += n
		}
	}
	took, core := time.Since(began).Seconds(), (bench.Processor() - used).Seconds()
	sent, received := float64(count.sent.Load()), float64(count.received.Load())
	return []float64{
		took, core, 100 * core / announceEvery.Seconds(), sent / (1 << 20), received / (1 << 20),
		sent / 1024 / announceEvery.Seconds(),
	}
}

// announcer runs discovery on a host until the benchmark ends, and returns its store.
func announcer(b *testing.B, h host.Host, mode discovery.Mode, know []peer.AddrInfo) *netdb.DB {
	store := openNetwork(b)
	d, err := discovery.New(h, discovery.Options{ChainID: announceChain, Mode: mode, LocalNetwork: true, Store: store, Peers: know})
	require.NoError(b, err)
	require.NoError(b, d.Start(b.Context()))
	b.Cleanup(func() { require.NoError(b, d.Stop(context.Background())) })
	return store
}

func openNetwork(b *testing.B) *netdb.DB {
	db, err := netdb.Open(b.Context(), filepath.Join(b.TempDir(), "network.db"), slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	return db
}

func loopbackHost(b *testing.B, count metrics.Reporter) host.Host {
	options := []libp2p.Option{
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New),
		libp2p.DisableRelay(), libp2p.DisableMetrics(),
	}
	if count != nil {
		options = append(options, libp2p.BandwidthReporter(count))
	}
	h, err := libp2p.New(options...)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, h.Close()) })
	return h
}

// byteCount counts what streams send and receive.
type byteCount struct {
	metrics.Reporter
	sent, received atomic.Int64
}

func (c *byteCount) LogSentMessageStream(n int64, _ protocol.ID, _ peer.ID) { c.sent.Add(n) }
func (c *byteCount) LogRecvMessageStream(n int64, _ protocol.ID, _ peer.ID) { c.received.Add(n) }
