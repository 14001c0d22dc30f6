package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// manyPair is a server with small blobs and a client that knows it.
type manyPair struct {
	all    [][]byte
	ids    []pdx.ContentID
	from   host.Host
	there  blob.Store
	server *Server
	here   blob.Store
	client *Client
	seen   *activity.Log // of the client
}

func newManyPair(t *testing.T, n int, opts ...Option) *manyPair {
	t.Helper()
	p := &manyPair{all: blobtest.Smalls(n, 1), from: newHost(t), there: mem.New(), here: mem.New(), seen: activity.NewLog()}
	p.ids = blobtest.AddBatch(t, p.there, p.all)
	p.server = serve(t, p.from, p.there, everybody, opts...)
	to := newHost(t)
	meet(to, p.from)
	p.client = newClient(t, ClientConfig{Host: to, Store: p.here, Activities: p.seen})
	return p
}

func (p *manyPair) pull(ctx context.Context) (map[pdx.ContentID]error, error) {
	return p.client.PullMany(ctx, p.from.ID(), p.ids, nil)
}

func TestPullMany(t *testing.T) {
	for _, n := range []int{1, 99, 100, 101, 2500} {
		p := newManyPair(t, n)
		var told []int
		failed, err := p.client.PullMany(t.Context(), p.from.ID(), append(p.ids, p.ids[0]), func(held, total int) { told = append(told, held) })
		require.NoError(t, err)
		require.Empty(t, failed)
		blobtest.RequireSmall(t, p.here, p.all)
		require.True(t, slices.IsSorted(told))
		eventually(t, "the server has counted what it sent", func() bool { return count(t, p.server.metrics.batchServed) == uint64(n) })
		require.EqualValues(t, n, count(t, p.client.metrics.batchPulled))

		_, err = p.pull(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, n, count(t, p.server.metrics.batchServed), "what is here is not asked for")
	}
}

// More than a store takes in a batch, and onto a disk.
func TestPullManyBatches(t *testing.T) {
	p := newManyPair(t, 1200)
	p.client.limits.ingest.BatchBlobs, p.client.limits.ingest.BatchBytes = 100, 1<<30
	s, err := fs.Open(t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	p.client.store = s
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Empty(t, failed)
	blobtest.RequireSmall(t, s, p.all)
}

// Each that cannot be had says why, and costs the others nothing.
func TestPullManyReportsEach(t *testing.T) {
	p := newManyPair(t, 250)
	secret, broken, busy := p.ids[17], p.ids[118], p.ids[219]
	big := blobtest.Add(t, p.there, blobtest.Bytes(seg+1, 1))
	made := blobtest.Add(t, p.there, blobtest.Bytes(seg, 2))
	p.server.authorizer = AuthorizerFunc(func(_ context.Context, _ peer.ID, id pdx.ContentID) error {
		switch id {
		case secret:
			return pdx.ErrRefused
		case broken:
			return errTest
		case busy:
			return pdx.ErrUnavailable
		}
		return nil
	})
	p.ids = append(p.ids, pdx.ContentID{1}, big, made)
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Len(t, failed, 5)
	for id, want := range map[pdx.ContentID]error{
		secret: pdx.ErrRefused, broken: pdx.ErrUnavailable, busy: pdx.ErrUnavailable, {1}: pdx.ErrNotFound, big: blob.ErrNotSmall,
	} {
		requirePeer(t, failed[id], p.from.ID(), want)
	}
	for _, id := range p.ids {
		_, err := p.here.Stat(t.Context(), id)
		require.Equal(t, failed[id] == nil, err == nil)
	}
}

// Who looks sees how many blobs move, and not one of them.
func TestActivityOfMany(t *testing.T) {
	served := activity.NewLog()
	p := newManyPair(t, 250, WithActivities(served))
	_, err := p.pull(t.Context())
	require.NoError(t, err)
	eventually(t, "both have ended", func() bool {
		ended := 0
		for _, a := range append(served.List(), p.seen.List()...) {
			if a.Ended.IsZero() {
				return false
			}
			if a.Direction == activity.Pulling {
				require.EqualValues(t, 250, a.Blobs)
				require.EqualValues(t, 250, a.BlobsHeld)
			}
			ended += int(a.BlobsHeld)
		}
		return ended == 2*250
	})
}

func TestPullManyOfTooMany(t *testing.T) {
	p := newManyPair(t, 1)
	_, err := p.client.PullMany(t.Context(), p.from.ID(), make([]pdx.ContentID, MaxMany+1), nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	failed, err := p.client.PullMany(t.Context(), p.from.ID(), nil, nil)
	require.NoError(t, err)
	require.Empty(t, failed)
}

// A peer of before this protocol is known at once for one.
func TestPullManyFromOldPeer(t *testing.T) {
	p := newManyPair(t, 5)
	p.from.RemoveStreamHandler(ManyProtocol(chain))
	failed, err := p.pull(t.Context())
	requirePeer(t, err, p.from.ID(), ErrNoBatches)
	require.Len(t, failed, 5)
}

// A frame of which nothing is allowed needs no turn, and costs its address a
// token; one that is served costs none.
func TestManyAndTheRateOfAnAddress(t *testing.T) {
	p := newManyPair(t, 1000, withLimits(func(l *serverLimits) { l.rate, l.burst = 0.001, 2 }))
	p.client.limits.retry.Patience, p.client.limits.batchStreams = 0, 1
	_, err := p.pull(t.Context())
	require.NoError(t, err, "ten frames")
	none := make([]pdx.ContentID, 400)
	for i := range none {
		none[i] = pdx.ContentID{1, byte(i), byte(i >> 8)}
	}
	failed, err := p.client.PullMany(t.Context(), p.from.ID(), none, nil)
	requirePeer(t, err, p.from.ID(), pdx.ErrUnavailable)
	require.Len(t, failed, 400)
	var busy *busyError
	require.ErrorAs(t, err, &busy)
}

// A stranger pays for each root that it may not have: a frame of a hundred is not
// cheaper than a hundred frames, and neither a second stream nor a second protocol
// helps.
func TestEachNoCostsAToken(t *testing.T) {
	p := newManyPair(t, 1, withLimits(func(l *serverLimits) { l.rate = 0.001 }))
	var asked atomic.Int64
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error {
		asked.Add(1)
		return pdx.ErrNotFound
	})
	burst := int64(p.server.limits.burst)
	var roots []byte
	for i := range byte(MaxManyRoots) {
		roots = append(roots, append([]byte{1, i}, make([]byte, 30)...)...)
	}
	frame := framed(t, &transferpb.Many{Roots: roots})
	for range 20 {
		s, err := p.client.host.NewStream(t.Context(), p.from.ID(), ManyProtocol(chain))
		require.NoError(t, err)
		for range 3 {
			_, _ = s.Write(frame)
		}
		require.NoError(t, s.CloseWrite())
		_, _ = io.Copy(io.Discard, s)
		_ = s.Reset()
	}
	require.GreaterOrEqual(t, asked.Load(), burst)
	require.Less(t, asked.Load(), burst+MaxManyRoots)

	before := asked.Load()
	s, err := p.client.host.NewStream(t.Context(), p.from.ID(), Protocol(chain))
	require.NoError(t, err)
	status, err := exchange(t, s, framed(t, &transferpb.Request{Root: p.ids[0][:]}))
	require.NoError(t, err)
	require.Equal(t, transferpb.Code_CODE_BUSY, status.GetCode())
	require.Equal(t, before, asked.Load())
}

// The store's no costs as much as the gate's.
func TestRootsThatAreNotHereCostTokens(t *testing.T) {
	p := newManyPair(t, 50, withLimits(func(l *serverLimits) { l.rate, l.burst = 0.001, 100 }))
	p.client.limits.retry.Patience, p.client.limits.batchStreams, p.client.limits.batchDepth = 0, 1, 1
	none := make([]pdx.ContentID, 50)
	for i := range none {
		none[i] = pdx.ContentID{1, byte(i)}
	}
	for range 2 {
		failed, err := p.client.PullMany(t.Context(), p.from.ID(), none, nil)
		require.NoError(t, err)
		require.Len(t, failed, 50)
	}
	_, err := p.pull(t.Context())
	var busy *busyError
	require.ErrorAs(t, err, &busy)
}

func TestPullManyWaitsForTheBusy(t *testing.T) {
	p := newManyPair(t, 300, withLimits(func(l *serverLimits) { l.rate, l.burst, l.retryAfter = 20, 1, 50*time.Millisecond }))
	p.ids = append(p.ids, pdx.ContentID{1}, pdx.ContentID{2})
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Len(t, failed, 2)
	blobtest.RequireSmall(t, p.here, p.all)
}

// After the connection was lost, over and over, all comes.
func TestPullManyOverAConnectionThatBreaks(t *testing.T) {
	p := newManyPair(t, 3000)
	p.client.limits.retry.Pause.First = 10 * time.Millisecond
	var asked atomic.Int64
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error {
		if asked.Add(1)%900 == 0 {
			_ = p.from.Network().ClosePeer(p.client.host.ID())
		}
		return nil
	})
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Empty(t, failed)
	blobtest.RequireSmall(t, p.here, p.all)
}

func TestPullManyCancelled(t *testing.T) {
	p := newManyPair(t, 2000)
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int64
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error {
		if asked.Add(1) == 700 {
			cancel()
		}
		return nil
	})
	failed, err := p.pull(ctx)
	require.ErrorIs(t, err, context.Canceled)
	for i, id := range p.ids {
		if failed[id] == nil {
			blobtest.RequireSmall(t, p.here, p.all[i:i+1])
		}
	}
	left, err := p.here.Missing(t.Context(), p.ids)
	require.NoError(t, err)
	require.Len(t, failed, len(left))
	failed, err = p.pull(t.Context())
	require.NoError(t, err, "and goes on with what is missing")
	require.Empty(t, failed)
	blobtest.RequireSmall(t, p.here, p.all)
}

// fullStore has no room for the second batch.
type fullStore struct {
	blob.Store
	batches atomic.Int64
}

type fullBatch struct{ blob.Batch }

func (fullBatch) Commit(context.Context) error { return blob.ErrNoSpace }

func (s *fullStore) Batch(ctx context.Context) (blob.Batch, error) {
	b, err := s.Store.Batch(ctx)
	if s.batches.Add(1) > 1 {
		return fullBatch{b}, err
	}
	return b, err
}

func TestPullManyOntoAFullDisk(t *testing.T) {
	p := newManyPair(t, 2000)
	p.client.limits.ingest.BatchBlobs = 300
	p.client.store = &fullStore{Store: p.here}
	failed, err := p.pull(t.Context())
	require.ErrorIs(t, err, blob.ErrNoSpace)
	var of *PeerError
	require.False(t, errors.As(err, &of), "it is nobody else's fault")
	require.Len(t, failed, 1700)
	p.client.store = p.here
	_, err = p.pull(t.Context())
	require.NoError(t, err)
	blobtest.RequireSmall(t, p.here, p.all)
}

// manyLiar answers each frame with what lie writes.
func manyLiar(t *testing.T, lie func(s network.Stream, ids []pdx.ContentID) bool) host.Host {
	h := newHost(t)
	h.SetStreamHandler(ManyProtocol(chain), func(s network.Stream) {
		defer s.Close()
		in := newReader(s)
		for {
			var m transferpb.Many
			if readFrame(in, &m) != nil {
				return
			}
			ids, err := parseMany(&m)
			if err != nil || !lie(s, ids) {
				return
			}
		}
	})
	return h
}

// A liar is named and cut off; what was right stays, and an honest peer brings
// the rest.
func TestManyLiars(t *testing.T) {
	all := blobtest.Smalls(150, 1)
	bytesOf := map[pdx.ContentID][]byte{}
	for _, data := range all {
		bytesOf[blobtest.Root(data)] = data
	}
	const right = 40 // of each frame
	first := func(s network.Stream, ids []pdx.ContentID) {
		_, _ = s.Write(framed(t, &transferpb.Status{Code: transferpb.Code_CODE_OK}))
		for _, id := range ids[:min(right, len(ids))] {
			_, _ = s.Write(smallAnswer(t, bytesOf[id]))
		}
	}
	raw := func(b []byte) func(network.Stream, []pdx.ContentID) bool {
		return func(s network.Stream, ids []pdx.ContentID) bool {
			first(s, ids)
			_, _ = s.Write(b)
			return true
		}
	}
	status := func(m *transferpb.Status) []byte { return framed(t, m) }
	ok := transferpb.Code_CODE_OK
	wrong := smallAnswer(t, blobtest.Bytes(100, 99))
	short := append(status(&transferpb.Status{Code: ok, Size: 3}), 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3)
	for name, c := range map[string]struct {
		lie  func(network.Stream, []pdx.ContentID) bool
		want error
	}{
		"wrong bytes":     {raw(wrong), pdx.ErrCorrupt},
		"another's bytes": {raw(smallAnswer(t, all[3])), pdx.ErrCorrupt},
		"empty":           {raw(status(&transferpb.Status{Code: ok})), pdx.ErrCorrupt},
		"two sizes":       {raw(short), pdx.ErrCorrupt},
		"not small":       {raw(status(&transferpb.Status{Code: ok, Size: seg + 1})), pdx.ErrCorrupt},
		"huge":            {raw(status(&transferpb.Status{Code: ok, Size: 1 << 63})), pdx.ErrCorrupt},
		"unknown code":    {raw(status(&transferpb.Status{Code: 99})), pdx.ErrCorrupt},
		"no code":         {raw(status(&transferpb.Status{})), pdx.ErrCorrupt},
		"bad request":     {raw(status(&transferpb.Status{Code: transferpb.Code_CODE_BAD_REQUEST})), pdx.ErrCorrupt},
		"huge frame":      {raw([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}), pdx.ErrCorrupt},
		"in another order": {func(s network.Stream, ids []pdx.ContentID) bool {
			_, _ = s.Write(framed(t, &transferpb.Status{Code: ok}))
			for _, id := range slices.Backward(ids) {
				_, _ = s.Write(smallAnswer(t, bytesOf[id]))
			}
			return true
		}, pdx.ErrCorrupt},
		"ends half-way": {func(s network.Stream, ids []pdx.ContentID) bool { first(s, ids); return false }, pdx.ErrUnavailable},
		"stops in a blob": {func(s network.Stream, ids []pdx.ContentID) bool {
			first(s, ids)
			_, _ = s.Write(wrong[:20])
			<-t.Context().Done()
			return false
		}, pdx.ErrUnavailable},
		"drips refusals": {func(s network.Stream, ids []pdx.ContentID) bool {
			_, _ = s.Write(status(&transferpb.Status{Code: ok}))
			for range ids {
				_, err := s.Write(status(&transferpb.Status{Code: transferpb.Code_CODE_NOT_FOUND}))
				if err != nil {
					return false
				}
				<-time.After(100 * time.Millisecond)
			}
			return true
		}, pdx.ErrUnavailable},
		"says nothing": {func(network.Stream, []pdx.ContentID) bool { <-t.Context().Done(); return false }, pdx.ErrUnavailable},
		"resets":       {func(s network.Stream, _ []pdx.ContentID) bool { _ = s.Reset(); return false }, pdx.ErrUnavailable},
		"always busy": {func(s network.Stream, _ []pdx.ContentID) bool {
			_, _ = s.Write(status(&transferpb.Status{Code: transferpb.Code_CODE_BUSY}))
			return true
		}, pdx.ErrUnavailable},
		"refuses frame": {func(s network.Stream, _ []pdx.ContentID) bool {
			_, _ = s.Write(status(&transferpb.Status{Code: transferpb.Code_CODE_REFUSED}))
			return true
		}, pdx.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			from, to, here := manyLiar(t, c.lie), newHost(t), mem.New()
			meet(to, from)
			client := newClient(t, ClientConfig{Host: to, Store: here}, impatient, func(l *clientLimits) { l.batchStreams = 1 })
			var ids []pdx.ContentID
			for id := range bytesOf {
				ids = append(ids, id)
			}
			failed, err := client.PullMany(t.Context(), from.ID(), ids, nil)
			requirePeer(t, err, from.ID(), c.want)
			require.Equal(t, errors.Is(c.want, pdx.ErrCorrupt), count(t, client.metrics.badPeers) == 1)
			for _, id := range ids {
				_, err := here.Stat(t.Context(), id)
				require.Equal(t, failed[id] == nil, err == nil)
			}
			if slices.Contains([]string{"wrong bytes", "ends half-way", "stops in a blob"}, name) {
				require.LessOrEqual(t, len(failed), len(ids)-right)
			}
			honest, there := newHost(t), mem.New()
			blobtest.AddBatch(t, there, all)
			serve(t, honest, there, everybody)
			meet(to, honest)
			failed, err = client.PullMany(t.Context(), honest.ID(), ids, nil)
			require.NoError(t, err)
			require.Empty(t, failed)
			blobtest.RequireSmall(t, here, all)
		})
	}
}

// smallAnswer is the true answer for a root.
func smallAnswer(t *testing.T, data []byte) []byte {
	var b safeBuffer
	v := &upload{out: b.writer()}
	require.NoError(t, v.sendSmall(transferpb.Code_CODE_OK, data))
	require.NoError(t, v.out.Flush())
	return b.Bytes()
}

// dialMany opens a bare stream to the pair's server.
func (p *manyPair) dial(t *testing.T) network.Stream {
	h := newHost(t)
	meet(h, p.from)
	s, err := h.NewStream(t.Context(), p.from.ID(), ManyProtocol(chain))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Reset() })
	require.NoError(t, s.SetDeadline(time.Now().Add(60*time.Second)))
	return s
}

func TestBadFramesOfMany(t *testing.T) {
	p := newManyPair(t, 101)
	many := func(ids ...pdx.ContentID) []byte { return framed(t, manyMessage(ids)) }
	for name, raw := range map[string][]byte{
		"no roots":       many(),
		"too many":       many(p.ids...),
		"twice the same": many(p.ids[0], p.ids[1], p.ids[0]),
		"half a root":    framed(t, &transferpb.Many{Roots: make([]byte, 33)}),
		"short root":     framed(t, &transferpb.Many{Roots: make([]byte, 31)}),
	} {
		t.Run(name, func(t *testing.T) {
			status, err := exchange(t, p.dial(t), raw)
			require.NoError(t, err)
			require.Equal(t, transferpb.Code_CODE_BAD_REQUEST, status.GetCode())
		})
	}
	for name, raw := range map[string][]byte{"huge": {0xff, 0xff, 0xff, 0xff, 0x0f}, "not protobuf": {2, 0xff, 0xff}} {
		t.Run(name, func(t *testing.T) {
			_, err := exchange(t, p.dial(t), raw)
			var reset *network.StreamError
			require.ErrorAs(t, err, &reset)
			require.Equal(t, network.StreamProtocolViolation, reset.ErrorCode)
		})
	}
	_, err := p.pull(t.Context())
	require.NoError(t, err, "and the server goes on")
}

// A puller that asks and asks and never reads loses its place, and others are
// served.
func TestPullerOfManyThatNeverReads(t *testing.T) {
	p := newManyPair(t, 300, withLimits(func(l *serverLimits) { l.stallTime, l.impatience = 300*time.Millisecond, 200*time.Millisecond }))
	var large []pdx.ContentID
	for i := range uint64(100) {
		large = append(large, blobtest.Add(t, p.there, blobtest.Bytes(seg, i)))
	}
	s := p.dial(t)
	frame := framed(t, manyMessage(large))
	done := make(chan error, 1)
	go func() { // until the server has had enough
		for {
			if _, err := s.Write(frame); err != nil {
				done <- err
				return
			}
		}
	}()
	require.Error(t, <-done)
	eventually(t, "its place is free", func() bool { return senders(p.server) == 0 })
	_, err := p.pull(t.Context())
	require.NoError(t, err)
}

// The gate is asked several at a time, and about each root.
func TestGateOfManyIsAskedTogether(t *testing.T) {
	p := newManyPair(t, 100)
	var mu sync.Mutex
	asked, now, most := map[pdx.ContentID]int{}, 0, 0
	together := make(chan struct{})
	p.server.authorizer = AuthorizerFunc(func(ctx context.Context, _ peer.ID, id pdx.ContentID) error {
		mu.Lock()
		asked[id]++
		now++
		if most = max(most, now); now == p.server.limits.authorizations && most == now {
			select {
			case <-together:
			default:
				close(together)
			}
		}
		mu.Unlock()
		defer func() { mu.Lock(); now--; mu.Unlock() }()
		select {
		case <-together:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Empty(t, failed)
	require.Equal(t, p.server.limits.authorizations, most)
	require.Len(t, asked, 100)
	for _, n := range asked {
		require.Equal(t, 1, n)
	}
}

func TestPanicOfTheGateOfMany(t *testing.T) {
	p := newManyPair(t, 50)
	once(&p.client.limits)
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error { panic("test") })
	_, err := p.pull(t.Context())
	requirePeer(t, err, p.from.ID(), pdx.ErrUnavailable)
	eventually(t, "the panic is counted", func() bool { return count(t, p.server.metrics.panics) == 1 }) // after the reset
}

// Bytes that rotted at the holder are not sent, and do not make it a liar.
func TestManyWithARottenBlob(t *testing.T) {
	p := newManyPair(t, 120)
	p.server.store = rottenSmall{p.server.store, p.ids[60]}
	failed, err := p.pull(t.Context())
	require.NoError(t, err)
	require.Len(t, failed, 1)
	requirePeer(t, failed[p.ids[60]], p.from.ID(), pdx.ErrUnavailable)
}

type rottenSmall struct {
	blob.Store
	id pdx.ContentID
}

func (r rottenSmall) Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error) {
	if id == r.id {
		return nil, fmt.Errorf("test: %w", pdx.ErrCorrupt)
	}
	return r.Store.Small(ctx, id, p)
}

// Two pullers of the same blobs into one store both succeed.
func TestPullManyTwiceAtOnce(t *testing.T) {
	p := newManyPair(t, 1500)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			failed, err := p.pull(t.Context())
			if err != nil || len(failed) > 0 {
				t.Error(failed, err)
			}
		})
	}
	group.Wait()
	blobtest.RequireSmall(t, p.here, p.all)
}

// The statuses that are made without package proto are the same bytes.
func TestStatusByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &transferpb.Status{Code: transferpb.Code(rapid.Int32Range(0, 200).Draw(t, "code")), Size: rapid.Uint64().Draw(t, "size")}
		var want bytes.Buffer
		require.NoError(t, stream.WriteFrame(&want, m))
		require.Equal(t, want.Bytes(), appendStatus(nil, m.GetCode(), m.GetSize()))
	})
}

func FuzzMany(f *testing.F) {
	f.Add(framedForFuzz(f, manyMessage([]pdx.ContentID{{1}, {2}})))
	f.Fuzz(func(t *testing.T, in []byte) {
		var m transferpb.Many
		if readFrame(newReader(bytesReader(in)), &m) != nil {
			return
		}
		ids, err := parseMany(&m)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		require.LessOrEqual(t, len(ids), MaxManyRoots)
		require.Equal(t, m.GetRoots(), manyMessage(ids).GetRoots())
	})
}

// FuzzManyAnswer reads whatever a peer may say to a frame: nothing comes of it but
// what is under the roots.
func FuzzManyAnswer(f *testing.F) {
	a, b := []byte("one"), []byte("another")
	ids := []pdx.ContentID{blobtest.Root(a), blobtest.Root(b), blobtest.Root(nil)}
	ok := framedForFuzz(f, &transferpb.Status{Code: transferpb.Code_CODE_OK})
	f.Add(slices.Concat(ok, fuzzAnswer(f, a), fuzzAnswer(f, b), fuzzAnswer(f, nil)))
	f.Add(slices.Concat(ok, fuzzAnswer(f, a), framedForFuzz(f, &transferpb.Status{Code: transferpb.Code_CODE_NOT_FOUND}), fuzzAnswer(f, nil)))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := mem.New()
		c := &Client{
			store: s, log: slog.New(slog.DiscardHandler), metrics: NewMetrics(nil),
			activities: activity.NewLog(), limits: defaultClientLimits(),
		}
		p := newBatchPull(c, "peer", ids, func(int, int) {})
		p.cancel = func() {}
		r := &batchResponse{pull: p, stream: deadStream{}, in: newReader(bytesReader(in))}
		n, err := r.answer(t.Context(), ids, nil)
		require.False(t, r.own)
		require.Equal(t, err == nil, n == len(ids))
		require.NoError(t, p.batches.Finish(t.Context()))
		for _, id := range ids {
			held, err := s.Small(t.Context(), id, make([]byte, blob.MaxSmall))
			require.True(t, err != nil || blobtest.Root(held) == id)
		}
	})
}
