package transfer

import (
	"io"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// benchBytes is enough that the start and the last sync do not count for much.
const benchBytes = 256 << 20

func benchHosts(b *testing.B) (from, to host.Host) {
	b.Helper()
	make := func() host.Host {
		h, err := libp2p.New(
			libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
			libp2p.Transport(multiconn.NewTCP),
			libp2p.Security(noise.ID, noise.New),
			libp2p.DisableMetrics(),
		)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, h.Close()) })
		return h
	}
	from, to = make(), make()
	meet(to, from)
	return from, to
}

// BenchmarkRawStream is the ceiling: a stream of the same hosts, to nowhere.
func BenchmarkRawStream(b *testing.B) {
	from, to := benchHosts(b)
	piece := blobtest.Bytes(1<<20, 1)
	from.SetStreamHandler("/raw", func(s network.Stream) {
		for range benchBytes / len(piece) {
			if _, err := s.Write(piece); err != nil {
				return
			}
		}
		_ = s.Close()
	})
	b.SetBytes(benchBytes)
	for b.Loop() {
		s, err := to.NewStream(b.Context(), from.ID(), "/raw")
		require.NoError(b, err)
		n, err := io.Copy(io.Discard, s)
		require.NoError(b, err)
		require.EqualValues(b, benchBytes, n)
	}
}

// BenchmarkPull is a pull from disk to disk, verified and durable at its end.
func BenchmarkPull(b *testing.B) {
	from, to := benchHosts(b)
	there, err := fs.Open(b.TempDir())
	require.NoError(b, err)
	defer there.Close()
	data := blobtest.Bytes(benchBytes, 1)
	w, err := there.Create(b.Context())
	require.NoError(b, err)
	_, err = w.Write(data)
	require.NoError(b, err)
	info, err := w.Commit(b.Context())
	require.NoError(b, err)
	server, err := NewServer(from, chain, there, AuthorizerFunc(everybody))
	require.NoError(b, err)
	require.NoError(b, server.Start(b.Context()))
	defer server.Stop(b.Context()) // it has nothing in hand
	here, err := fs.Open(b.TempDir())
	require.NoError(b, err)
	defer here.Close()
	client, err := NewClient(ClientConfig{Host: to, ChainID: chain, Store: here})
	require.NoError(b, err)
	b.SetBytes(benchBytes)
	for b.Loop() {
		require.NoError(b, client.Pull(b.Context(), from.ID(), info.ID, info.Size, nil))
		b.StopTimer()
		require.NoError(b, here.Delete(b.Context(), info.ID))
		b.StartTimer()
	}
}
