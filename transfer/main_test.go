package transfer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

const (
	chain = "test-1"
	seg   = bao.SegmentSize
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHost is a real host on loopback: TCP with Noise and nothing else.
func newHost(t *testing.T, opts ...libp2p.Option) host.Host {
	t.Helper()
	opts = append([]libp2p.Option{
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	}, opts...)
	h, err := libp2p.New(opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// meet tells a how to reach b.
func meet(a, b host.Host) { a.Peerstore().AddAddrs(b.ID(), b.Addrs(), peerstore.PermanentAddrTTL) }

func everybody(context.Context, peer.ID, pdx.ContentID) error { return nil }

// withLimits changes the numbers of a server for a test.
func withLimits(change func(*serverLimits)) Option { return func(o *options) { change(&o.limits) } }

func serve(t *testing.T, h host.Host, s blob.Store, gate AuthorizerFunc, opts ...Option) *Server {
	t.Helper()
	server, err := NewServer(h, chain, s, gate, opts...)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // do not wait for streams that a test left behind
		var cut *stream.CutError
		if err := server.Stop(ctx); errors.As(err, &cut) {
			require.Zero(t, cut.StillRunning)
		}
	})
	return server
}

// newClient is a client of the chain, with numbers changed for a test.
func newClient(t *testing.T, c ClientConfig, change ...func(*clientLimits)) *Client {
	t.Helper()
	c.ChainID = chain
	client, err := NewClient(c)
	require.NoError(t, err)
	for _, f := range change {
		f(&client.limits)
	}
	return client
}

// runs has each request ask for so many segments, from the first on.
func runs(l *clientLimits, first, least, most uint64) {
	l.plan.FirstRun, l.plan.LeastRun, l.plan.MostRun = first, least, most
}

// impatient gives up soon, and has one stream to a source.
func impatient(l *clientLimits) {
	l.statusTime, l.segmentTime, l.retry.Patience = 3*time.Second, 3*time.Second, 200*time.Millisecond
	l.retry.Tries = 1
	l.streams = 1
}

// small asks for little at a time.
func small(l *clientLimits) { runs(l, 2, 1, 4) }

// once tries a peer once, over one stream.
func once(l *clientLimits) { l.retry.Patience, l.retry.Tries, l.streams = 0, 1, 1 }

// pair is a server with one blob and a client that knows it.
type pair struct {
	data   []byte
	id     pdx.ContentID
	from   host.Host
	server *Server
	store  blob.Store // the client's
	client *Client
}

func newPair(t *testing.T, size int, opts ...Option) *pair {
	t.Helper()
	p := &pair{data: blobtest.Bytes(size, uint64(size)), from: newHost(t), store: mem.New()}
	there := mem.New()
	p.id = blobtest.Add(t, there, p.data)
	p.server = serve(t, p.from, there, everybody, opts...)
	to := newHost(t)
	meet(to, p.from)
	p.client = newClient(t, ClientConfig{Host: to, Store: p.store})
	return p
}

func (p *pair) pull(ctx context.Context) error {
	return p.client.Pull(ctx, p.from.ID(), p.id, uint64(len(p.data)), nil)
}

// count is the value of a counter or gauge.
func count(t *testing.T, m prometheus.Metric) uint64 {
	t.Helper()
	var d dto.Metric
	require.NoError(t, m.Write(&d))
	return uint64(d.GetCounter().GetValue() + d.GetGauge().GetValue())
}

// requirePeer checks that err is of that peer and wraps want.
func requirePeer(t *testing.T, err error, from peer.ID, want error) {
	t.Helper()
	var pe *PeerError
	require.ErrorAs(t, err, &pe)
	require.Equal(t, from, pe.Peer)
	require.ErrorIs(t, err, want)
	require.ErrorContains(t, err, from.String())
}

// eventually waits for what a real network brings about.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, 20*time.Second, 5*time.Millisecond, what)
}

var errTest = errors.New("test")
