package bench_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/transferpb"
)

const (
	// strangerStreams is how many streams the stranger has.
	strangerStreams = 4
	// strangerPause is how long it waits before it opens one anew that was closed.
	strangerPause = 100 * time.Millisecond
	// strangerReads is how many honest reads are timed, strangerEvery how far they
	// are apart, and strangerTime after which none is begun.
	strangerReads = 100
	strangerEvery = 50 * time.Millisecond
	strangerTime  = 20 * time.Second
)

// BenchmarkStrangers times an honest read of the store of a whole node with its
// default configuration: alone, and while one stranger with a fresh account asks
// for random roots, a hundred in each frame, as fast as it is answered.
func BenchmarkStrangers(b *testing.B) {
	table := &bench.Table{
		Name: "strangers", Title: "An honest read of a validator's store, alone and while a stranger asks for unknown roots",
		Columns: []string{"alone, ms", "with a stranger, ms", "ratio", "at most, ms", "roots answered a second", "processor, %"},
	}
	for _, records := range []int{100, 1_000, 10_000} {
		table.Add(fmt.Sprintf("%d records", records), readBesideStranger(b, records)...)
	}
	table.Note("Medians of up to %d reads by key. The stranger has %d streams and shares the machine's processors; "+
		"the last column is what this process used, both sides together, of one core.", strangerReads, strangerStreams)
	require.NoError(b, table.Report())
}

func readBesideStranger(b *testing.B, records int) []float64 {
	n, vault := startValidator(b, records)
	read := func() time.Duration {
		at := time.Now()
		_, err := vault.Get(b.Context(), "7")
		require.NoError(b, err)
		return time.Since(at)
	}
	alone, _ := timeReads(read)
	stranger := newStranger(b, n)
	used, began, answered := bench.Processor(), time.Now(), stranger.answered.Load()
	with, most := timeReads(read)
	took := time.Since(began).Seconds()
	rate := float64(stranger.answered.Load()-answered) / took
	share := 100 * (bench.Processor() - used).Seconds() / took
	stranger.stop()
	require.NoError(b, n.Stop())
	return []float64{millis(alone), millis(with), float64(with) / float64(alone), millis(most), rate, share}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func timeReads(read func() time.Duration) (median, most time.Duration) {
	var all []time.Duration
	for began := time.Now(); len(all) < strangerReads && time.Since(began) < strangerTime; {
		all = append(all, read())
		time.Sleep(strangerEvery)
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)-1]
}

// startValidator runs a node, without a chain, that keeps the ciphertexts of so
// many deals, and waits until it is at rest.
func startValidator(b *testing.B, records int) (*node.Node, *store.Table[validator.Record]) {
	dir := b.TempDir()
	cfg := config.Default(dir)
	cfg.Chain.GRPC, cfg.Chain.RPC = "127.0.0.1:1", "http://127.0.0.1:1"
	cfg.P2P.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	cfg.P2P.MDNS = false
	cfg.API.Socket = filepath.Join(dir, "s")
	_, err := home.Init(b.Context(), cfg, "a passphrase", "")
	require.NoError(b, err)
	home, err := home.Open(b.Context(), dir, "a passphrase")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, home.Close()) })
	vault := store.NewTable[validator.Record](home.DB, "validations")
	batch := map[string]validator.Record{}
	for i := range records {
		id := pdx.DealID(i + 1)
		batch[id.String()] = validator.Record{
			Deal: id, Pool: 1, Buyer: "panacea1buyer", Root: pdx.ContentID{byte(i), byte(i >> 8), 1}, Size: 1 << 20,
			Documents: []pdx.ContentID{{1}}, Certified: true, Promised: true, Verdict: &pdx.Verdict{Accepted: true},
		}
	}
	require.NoError(b, vault.PutAll(b.Context(), batch))
	n, err := node.New(b.Context(), cfg, home, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	require.NoError(b, n.Start(b.Context()))
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		used := bench.Processor()
		time.Sleep(time.Second)
		if bench.Processor()-used < 100*time.Millisecond {
			break
		}
	}
	return n, vault
}

// stranger asks for roots that nobody has.
type stranger struct {
	host     host.Host
	hello    *identity.Service
	answered atomic.Int64
	end      context.CancelFunc
	streams  sync.WaitGroup
}

func newStranger(b *testing.B, n *node.Node) *stranger {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay())
	require.NoError(b, err)
	chainID := config.Default("").Chain.ID
	greeter, err := identity.New(identity.Config{Host: h, ChainID: chainID, Signer: identitytest.New("a stranger's fresh key")})
	require.NoError(b, err)
	require.NoError(b, greeter.Start(b.Context()))
	for _, at := range n.Listen() {
		if !strings.Contains(at, "/tcp/") {
			continue
		}
		info, err := peer.AddrInfoFromString(at)
		require.NoError(b, err)
		require.NoError(b, h.Connect(b.Context(), *info))
	}
	require.NoError(b, greeter.Introduce(b.Context(), n.PeerID()))
	s := &stranger{host: h, hello: greeter}
	ctx, end := context.WithCancel(b.Context())
	s.end = end
	for range strangerStreams {
		s.streams.Go(func() {
			for ctx.Err() == nil {
				s.ask(ctx, n.PeerID(), chainID)
				select {
				case <-ctx.Done():
				case <-time.After(strangerPause):
				}
			}
		})
	}
	return s
}

// ask asks over one stream until it is closed.
func (s *stranger) ask(ctx context.Context, from peer.ID, chainID string) {
	stream, err := s.host.NewStream(ctx, from, transfer.ManyProtocol(chainID))
	if err != nil {
		return
	}
	defer stream.Reset() // it is over
	defer context.AfterFunc(ctx, func() { _ = stream.Reset() })()
	s.streams.Go(func() { s.listen(stream) })
	w := bufio.NewWriter(stream)
	for {
		roots := make([]byte, 32*transfer.MaxManyRoots)
		rand.Read(roots) // it never fails
		body, err := proto.Marshal(&transferpb.Many{Roots: roots})
		if err != nil {
			return
		}
		_, _ = w.Write(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
		if w.Flush() != nil {
			return
		}
	}
}

// listen counts the answers, which are two bytes of code behind one of length.
func (s *stranger) listen(r io.Reader) {
	buf := make([]byte, 3*transfer.MaxManyRoots)
	for {
		n, err := r.Read(buf)
		s.answered.Add(int64(n / 3))
		if err != nil {
			return
		}
	}
}

func (s *stranger) stop() {
	s.end()
	s.streams.Wait()
	_ = s.hello.Stop(context.Background())
	_ = s.host.Close()
}
