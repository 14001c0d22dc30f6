package transfer

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// dial opens a bare stream to the pair's server.
func (p *pair) dial(t *testing.T, from host.Host) network.Stream {
	t.Helper()
	meet(from, p.from)
	s, err := from.NewStream(t.Context(), p.from.ID(), Protocol(chain))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Reset() })
	require.NoError(t, s.SetDeadline(time.Now().Add(20*time.Second)))
	return s
}

// exchange sends raw bytes and reads the status.
func exchange(t *testing.T, s network.Stream, raw []byte) (*transferpb.Status, error) {
	t.Helper()
	_, err := s.Write(raw)
	require.NoError(t, err)
	var m transferpb.Status
	return &m, readFrame(bufio.NewReader(s), &m)
}

func framed(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	require.NoError(t, err)
	return append(binary.AppendUvarint(nil, uint64(len(b))), b...)
}

func TestBadRequests(t *testing.T) {
	p := newPair(t, 3*seg)
	root := p.id[:]
	many := make([]*transferpb.Range, MaxRanges+1)
	for i := range many {
		many[i] = &transferpb.Range{First: uint64(i), Count: 1}
	}
	ranges := func(rs ...uint64) *transferpb.Request {
		q := &transferpb.Request{Root: root}
		for i := 0; i < len(rs); i += 2 {
			q.Ranges = append(q.Ranges, &transferpb.Range{First: rs[i], Count: rs[i+1]})
		}
		return q
	}
	for name, q := range map[string]*transferpb.Request{
		"no root":         {},
		"short root":      {Root: root[:31]},
		"long root":       {Root: append([]byte{0}, root...)},
		"many ranges":     {Root: root, Ranges: many},
		"empty range":     ranges(0, 0),
		"unsorted":        ranges(2, 1, 0, 1),
		"overlap":         ranges(0, 2, 1, 1),
		"many segments":   ranges(0, MaxRequestSegments+1),
		"many in all":     ranges(0, MaxRequestSegments, MaxRequestSegments, 1),
		"overflow":        ranges(^uint64(0), 2),
		"overflowing sum": ranges(0, 1<<63, 1<<63, 1<<63),
		"beyond the end":  ranges(3, 1),
		"across the end":  ranges(2, 2),
	} {
		t.Run(name, func(t *testing.T) {
			status, err := exchange(t, p.dial(t, p.client.host), framed(t, q))
			require.NoError(t, err)
			require.Equal(t, transferpb.Code_CODE_BAD_REQUEST, status.GetCode())
			require.Zero(t, status.GetSize())
		})
	}
	status, err := exchange(t, p.dial(t, p.client.host), framed(t, ranges()))
	require.NoError(t, err)
	require.Equal(t, uint64(3*seg), status.GetSize(), "no range asks for the size")
}

func TestBadFrames(t *testing.T) {
	p := newPair(t, seg, withLimits(func(l *serverLimits) { l.requestTime = 300 * time.Millisecond }))
	for name, c := range map[string]struct {
		raw  []byte
		code network.StreamErrorCode
	}{
		"huge":         {[]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, network.StreamProtocolViolation},
		"too long":     {binary.AppendUvarint(nil, MaxFrame+1), network.StreamProtocolViolation},
		"not minimal":  {[]byte{0x80, 0x00}, network.StreamProtocolViolation},
		"not protobuf": {[]byte{2, 0xff, 0xff}, network.StreamProtocolViolation},
		"never ends":   {[]byte{100, 1, 2, 3}, network.StreamResourceLimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := exchange(t, p.dial(t, p.client.host), c.raw)
			var reset *network.StreamError
			require.ErrorAs(t, err, &reset)
			require.Equal(t, c.code, reset.ErrorCode)
		})
	}
	require.NoError(t, p.pull(t.Context()), "and the server goes on")
}

// senders is how many streams have a slot.
func senders(s *Server) int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return len(s.queue.grants)
}

// A puller that asks for much and never reads loses its slot.
func TestPullerThatNeverReads(t *testing.T) {
	p := newPair(t, 256*seg, withLimits(func(l *serverLimits) { l.stallTime = 300 * time.Millisecond }))
	s := p.dial(t, newHost(t))
	_, err := s.Write(framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{Count: 256}}}))
	require.NoError(t, err)
	eventually(t, "a slot is taken", func() bool { return senders(p.server) == 1 })
	eventually(t, "and given back", func() bool { return senders(p.server) == 0 })
	_, err = io.Copy(io.Discard, s)
	require.Error(t, err, "a body that was cut off does not look whole")
}

// One that reads a little now and then loses it too.
func TestPullerThatHardlyReads(t *testing.T) {
	p := newPair(t, 256*seg, withLimits(func(l *serverLimits) { l.stallTime, l.slowest = time.Second, 1<<40 }))
	s := p.dial(t, newHost(t))
	_, err := s.Write(framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{Count: 256}}}))
	require.NoError(t, err)
	piece := make([]byte, 2*seg)
	var total int
	for err == nil {
		var n int
		n, err = s.Read(piece)
		total += n
		<-time.After(20 * time.Millisecond)
	}
	require.NotErrorIs(t, err, io.EOF)
	require.Less(t, total, 256*seg)
}

// A thousand streams of ten peers that say nothing, that ask and do not read,
// that send rubbish, and that ask for what they may not have, while somebody
// pulls.
func TestHostileStreams(t *testing.T) {
	p := newPair(t, 200*seg, withLimits(func(l *serverLimits) { l.impatience = 200 * time.Millisecond }))
	p.server.authorizer = AuthorizerFunc(func(_ context.Context, _ peer.ID, id pdx.ContentID) error {
		if id != p.id {
			return pdx.ErrRefused
		}
		return nil
	})
	ask := framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{Count: 200}}})
	other := framed(t, &transferpb.Request{Root: make([]byte, 32), Ranges: []*transferpb.Range{{Count: 1}}})
	says := [][]byte{{100}, ask, {0xff, 0xff, 0xff}, other} // NewStream negotiates lazily: one byte makes the stream real
	var streams []network.Stream
	for range 10 {
		hostile := newHost(t)
		meet(hostile, p.from)
		for i := range 100 {
			if s, err := hostile.NewStream(t.Context(), p.from.ID(), Protocol(chain)); err == nil {
				_, _ = s.Write(says[i%len(says)])
				streams = append(streams, s)
			}
		}
	}
	require.Greater(t, len(streams), 500, "the host lets most of them in")
	require.NoError(t, p.pull(t.Context()))
	blobtest.RequireWhole(t, p.store, p.data)
	require.LessOrEqual(t, p.server.pending.count(), p.server.limits.readers)
	require.LessOrEqual(t, senders(p.server), bodiesPerSlot*p.server.limits.bodies)
	for _, s := range streams {
		_ = s.Reset()
	}
	eventually(t, "nothing is left of them", func() bool { return p.server.pending.count() == 0 && senders(p.server) == 0 })
}

// A file that shrinks under its holder makes the holder fail, not lie.
func TestBlobThatShrinks(t *testing.T) {
	dir := t.TempDir()
	there, err := fs.Open(dir)
	require.NoError(t, err)
	defer there.Close()
	s := newSwarm(t, 200, small, func(l *clientLimits) { l.retry.Tries = 1 })
	blobtest.Add(t, there, s.data)
	h := newHost(t)
	serve(t, h, there, everybody)
	meet(s.host, h)
	var once sync.Once
	_, err = s.pull.PullFrom(t.Context(), From(h.ID()), s.id, uint64(len(s.data)), func(held, _ uint64) {
		if held > 0 {
			once.Do(func() { assert.NoError(t, os.Truncate(filepath.Join(dir, "blobs", s.id.String(), "data"), 5)) })
		}
	})
	requirePeer(t, err, h.ID(), pdx.ErrUnavailable)
	require.NotErrorIs(t, err, pdx.ErrCorrupt)
}

// Who opens a stream and says nothing goes when others come.
func TestSilentStreamsMakeRoom(t *testing.T) {
	p := newPair(t, 2*seg, withLimits(func(l *serverLimits) { l.readers = 1 }))
	holder := p.dial(t, newHost(t))
	_, err := holder.Write([]byte{100})
	require.NoError(t, err)
	eventually(t, "it is in", func() bool { return p.server.pending.count() == 1 })
	require.NoError(t, p.pull(t.Context()))
	var reset *network.StreamError
	_, err = holder.Read(make([]byte, 1))
	require.ErrorAs(t, err, &reset)
	require.Equal(t, network.StreamResourceLimitExceeded, reset.ErrorCode)
}

func TestRateOfAnAddress(t *testing.T) {
	p := newPair(t, seg, withLimits(func(l *serverLimits) { l.rate, l.burst = 0.001, 3 }))
	p.client.limits.retry.Patience = 0
	for range 3 {
		_, err := exchange(t, p.dial(t, newHost(t)), framed(t, &transferpb.Request{Root: p.id[:]}))
		require.NoError(t, err)
	}
	requirePeer(t, p.pull(t.Context()), p.from.ID(), pdx.ErrUnavailable) // another peer of the same address
}

func TestPanicResetsItsStreamOnly(t *testing.T) {
	p := newPair(t, seg)
	once(&p.client.limits)
	gate := p.server.authorizer
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error { panic("test") })
	requirePeer(t, p.pull(t.Context()), p.from.ID(), pdx.ErrUnavailable)
	eventually(t, "the panic is counted", func() bool { return count(t, p.server.metrics.panics) == 1 }) // after the reset
	eventually(t, "its slot is free again", func() bool { return p.server.pending.count() == 0 })
	p.server.authorizer = gate
	require.NoError(t, p.pull(t.Context()))
}

func TestStop(t *testing.T) {
	p := newPair(t, 256*seg)
	require.ErrorIs(t, p.server.Start(t.Context()), pdx.ErrWrongState)
	s := p.dial(t, newHost(t))
	_, err := s.Write(framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{Count: 256}}}))
	require.NoError(t, err)
	eventually(t, "being served", func() bool { return senders(p.server) > 0 })

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			var cut *stream.CutError
			if err := p.server.Stop(ctx); errors.As(err, &cut) {
				assert.Equal(t, 1, cut.Streams)
				assert.Zero(t, cut.StillRunning)
			} else {
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	require.Zero(t, senders(p.server), "Stop waited")
	_, err = io.Copy(io.Discard, s)
	require.Error(t, err)
	requirePeer(t, p.pull(t.Context()), p.from.ID(), pdx.ErrUnavailable)

	require.ErrorIs(t, p.server.Start(t.Context()), pdx.ErrWrongState)
}

// A stop ends streams that wait for a request, and lets answers finish.
func TestStopLetsAnswersFinish(t *testing.T) {
	const segments = 64 // more than the windows of a stream hold
	p := newPair(t, segments*seg)
	idle, busy := p.dial(t, newHost(t)), p.dial(t, newHost(t))
	_, err := exchange(t, idle, framed(t, &transferpb.Request{Root: p.id[:]}))
	require.NoError(t, err)
	_, err = busy.Write(framed(t, &transferpb.Request{Root: p.id[:], Ranges: []*transferpb.Range{{Count: segments}}}))
	require.NoError(t, err)
	eventually(t, "it stalls", func() bool { return senders(p.server) == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- p.server.Stop(context.WithoutCancel(t.Context())) }()
	_, err = io.Copy(io.Discard, idle)
	require.NoError(t, err, "between two answers a holder closes")
	n, err := io.Copy(io.Discard, busy)
	require.NoError(t, err)
	require.Greater(t, n, int64(segments*seg))
	require.NoError(t, <-stopped)
}

// Rotten bytes are not sent: the puller hears of a failure, not of a liar.
func TestRottenBlob(t *testing.T) {
	p := newPair(t, 4*seg)
	once(&p.client.limits)
	b, err := p.server.store.Open(t.Context(), p.id)
	require.NoError(t, err)
	p.server.store = rotten{p.server.store, b}
	requirePeer(t, p.pull(t.Context()), p.from.ID(), pdx.ErrUnavailable)
}
