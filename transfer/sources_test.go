package transfer

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// swarm is one puller and what it pulls.
type swarm struct {
	data  []byte
	id    pdx.ContentID
	host  host.Host
	store blob.Store
	pull  *Client
}

func newSwarm(t *testing.T, segments int, change ...func(*clientLimits)) *swarm {
	t.Helper()
	data := blobtest.Bytes(segments*seg-100, uint64(segments))
	s := &swarm{data: data, id: blobtest.Root(data), host: newHost(t), store: mem.New()}
	s.pull = newClient(t, ClientConfig{Host: s.host, Store: s.store}, change...)
	return s
}

// honest is one more source that has the blob.
func (s *swarm) honest(t *testing.T, opts ...Option) peer.ID {
	t.Helper()
	h, there := newHost(t), mem.New()
	blobtest.Add(t, there, s.data)
	serve(t, h, there, everybody, opts...)
	meet(s.host, h)
	return h.ID()
}

// bad is one more source that answers in its own way.
func (s *swarm) bad(t *testing.T, answer func(network.Stream, *transferpb.Request)) peer.ID {
	t.Helper()
	h := liar(t, answer)
	meet(s.host, h)
	return h.ID()
}

func (s *swarm) from(t *testing.T, from Sources) []*PeerError {
	t.Helper()
	liars, err := s.pull.PullFrom(t.Context(), from, s.id, uint64(len(s.data)), nil)
	require.NoError(t, err)
	blobtest.RequireWhole(t, s.store, s.data)
	return liars
}

func TestAllSourcesServe(t *testing.T) {
	s := newSwarm(t, 200, small)
	a, b, c := s.honest(t), s.honest(t), s.honest(t)
	require.Empty(t, s.from(t, From(a, b, c)))
	last := s.pull.activities.List()
	require.Len(t, last, 1)
	require.Equal(t, uint64(len(s.data)), last[0].Held)
	require.Len(t, last[0].Routes, 3)
	var sum uint64
	for _, r := range last[0].Routes {
		require.Positive(t, r.Bytes, "everybody was asked")
		require.Equal(t, "tcp", r.Transport)
		require.False(t, r.Relayed)
		require.NotEmpty(t, r.Address)
		require.Empty(t, r.Error)
		sum += r.Bytes
	}
	require.Equal(t, uint64(len(s.data)), sum, "each segment is put once")
}

// A liar among the honest is cut off, named with what it did, and costs nothing
// but what it sent.
func TestLiarAmongHonest(t *testing.T) {
	s := newSwarm(t, 120, small)
	lie := s.bad(t, func(st network.Stream, q *transferpb.Request) {
		b := honest(t, s.data, q)
		b[len(b)-1] ^= 1
		_, _ = st.Write(b)
	})
	first := make(chan struct{})
	var once sync.Once
	s.pull.log = onWarning(func() { once.Do(func() { close(first) }) })
	other := s.honest(t)
	liars := s.from(t, SourcesFunc(func(ctx context.Context, set func([]peer.ID)) {
		set([]peer.ID{lie})
		<-first // it is asked, and found out, before there is another
		set([]peer.ID{lie, other})
	}))
	require.Len(t, liars, 1)
	require.Equal(t, lie, liars[0].Peer)
	require.ErrorIs(t, liars[0], pdx.ErrCorrupt)
	require.ErrorContains(t, liars[0], "segment")
	require.Equal(t, uint64(1), count(t, s.pull.metrics.badPeers))
}

// Nobody waits for one that sends nothing: what it was asked for is asked of
// another.
func TestStallingSourceIsNotWaitedFor(t *testing.T) {
	s := newSwarm(t, 60, small, func(l *clientLimits) { l.plan.QuietTime, l.plan.UnknownTime = 50*time.Millisecond, 20*time.Millisecond })
	asked := make(chan struct{})
	var once sync.Once
	silent := s.bad(t, func(network.Stream, *transferpb.Request) {
		once.Do(func() { close(asked) })
		<-t.Context().Done()
	})
	other := s.honest(t)
	start := time.Now()
	s.from(t, SourcesFunc(func(_ context.Context, set func([]peer.ID)) {
		set([]peer.ID{silent})
		<-asked
		set([]peer.ID{silent, other})
	}))
	require.Less(t, time.Since(start), s.pull.limits.segmentTime/2)
}

// A source that dies in mid-pull and one that comes in mid-pull.
func TestSourcesComeAndGo(t *testing.T) {
	s := newSwarm(t, 100, small)
	var served sync.WaitGroup
	served.Add(1)
	var once sync.Once
	dying := s.bad(t, func(st network.Stream, q *transferpb.Request) {
		b := honest(t, s.data, q)
		_, _ = st.Write(b[:len(b)/2]) // and stops half-way, every time
		_ = st.Reset()
		once.Do(served.Done)
	})
	coming := s.honest(t)
	liars := s.from(t, SourcesFunc(func(_ context.Context, set func([]peer.ID)) {
		set([]peer.ID{dying})
		served.Wait()
		set([]peer.ID{coming}) // the other is gone
	}))
	require.Empty(t, liars, "to die is no lie")
}

// One failure does not end a source.
func TestSourceIsAskedAgain(t *testing.T) {
	s := newSwarm(t, 8, func(l *clientLimits) { l.retry.Pause.First, l.streams = time.Millisecond, 1 })
	var mu sync.Mutex
	times := 0
	flaky := s.bad(t, func(st network.Stream, q *transferpb.Request) {
		mu.Lock()
		times++
		ok := times > 2
		mu.Unlock()
		if !ok {
			_ = st.Reset()
			return
		}
		_, _ = st.Write(honest(t, s.data, q))
	})
	s.from(t, From(flaky))
	require.Equal(t, uint64(2), count(t, s.pull.metrics.retries.WithLabelValues("retrying")))
}

func TestNoSource(t *testing.T) {
	s := newSwarm(t, 1)
	_, err := s.pull.PullFrom(t.Context(), From(), s.id, uint64(len(s.data)), nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	_, err = s.pull.PullFrom(t.Context(), From(), s.id, 0, nil)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
}

// All have failed: the error names each.
func TestAllSourcesFail(t *testing.T) {
	s := newSwarm(t, 3, impatient)
	a := s.bad(t, func(st network.Stream, _ *transferpb.Request) { _ = st.Reset() })
	b := s.bad(t, func(st network.Stream, _ *transferpb.Request) {
		_ = stream.WriteFrame(st, &transferpb.Status{Code: transferpb.Code_CODE_REFUSED})
	})
	_, err := s.pull.PullFrom(t.Context(), From(a, b), s.id, uint64(len(s.data)), nil)
	require.ErrorContains(t, err, a.String())
	require.ErrorContains(t, err, b.String())
}

// One stream carries many requests, and ends well.
func TestManyRequestsOnOneStream(t *testing.T) {
	p := newPair(t, 3*seg)
	s := p.dial(t, p.client.host)
	ask := framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{First: 1, Count: 1}}})
	_, err := s.Write(append(ask, ask...))
	require.NoError(t, err)
	require.NoError(t, s.CloseWrite())
	got, err := io.ReadAll(s)
	require.NoError(t, err)
	once := honest(t, p.data, &transferpb.Request{Ranges: []*transferpb.Range{{First: 1, Count: 1}}})
	require.Equal(t, append(once, once...), got)
}

// The store's failure ends the pull, and is nobody else's.
func TestStoreFails(t *testing.T) {
	s := newSwarm(t, 30)
	from := s.honest(t)
	s.pull.store = failing{s.store}
	_, err := s.pull.PullFrom(t.Context(), From(from), s.id, uint64(len(s.data)), nil)
	require.ErrorIs(t, err, blob.ErrNoSpace)
	var pe *PeerError
	require.NotErrorAs(t, err, &pe)
}

type failing struct{ blob.Store }

func (f failing) Partial(ctx context.Context, id pdx.ContentID, size uint64) (blob.Partial, error) {
	p, err := f.Store.Partial(ctx, id, size)
	return failingPartial{p}, err
}

type failingPartial struct{ blob.Partial }

func (f failingPartial) PutSegment(i uint64, data []byte) error {
	if i >= 7 {
		return blob.ErrNoSpace
	}
	return f.Partial.PutSegment(i, data)
}

var _ bao.Sink = failingPartial{}
