package transfer

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

func TestPullSizes(t *testing.T) {
	sizes := []int{0, 1, 16, seg - 1, seg, seg + 1, seg + 16, 15 * seg, 16 * seg, 16*seg + 16, 17*seg - 1, 33*seg + 5}
	from, to := newHost(t), newHost(t)
	meet(to, from)
	there := mem.New()
	serve(t, from, there, everybody)
	for _, known := range []bool{true, false} {
		here := mem.New()
		client := newClient(t, ClientConfig{Host: to, Store: here}, func(l *clientLimits) { runs(l, 5, 5, 5) })
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%d, known %v", size, known), func(t *testing.T) {
				data := blobtest.Bytes(size, uint64(size))
				id := blobtest.Add(t, there, data)
				var asked, last uint64
				if known {
					asked = uint64(size)
				}
				require.NoError(t, client.Pull(t.Context(), from.ID(), id, asked, func(held, total uint64) {
					require.GreaterOrEqual(t, held, last)
					require.Equal(t, uint64(size), total)
					last = held
				}))
				require.Equal(t, uint64(size), last)
				blobtest.RequireWhole(t, here, data)
				require.NoError(t, client.Pull(t.Context(), from.ID(), id, asked, nil), "again")
			})
		}
	}
}

// The server dies half-way, the client's process too; the next pull, from
// another peer, fetches only what was not kept.
func TestResume(t *testing.T) {
	const size = 40*seg + 100
	data := blobtest.Bytes(size, 1)
	there, dir := mem.New(), t.TempDir()
	id := blobtest.Add(t, there, data)
	to := newHost(t)

	here, err := fs.Open(dir)
	require.NoError(t, err)
	from := newHost(t)
	meet(to, from)
	serve(t, from, there, everybody)
	client := newClient(t, ClientConfig{Host: to, Store: here}, func(l *clientLimits) { runs(l, 4, 4, 4); l.retry.Tries = 1 })
	err = client.Pull(t.Context(), from.ID(), id, size, func(held, _ uint64) {
		if held > size/2 {
			_ = from.Network().ClosePeer(to.ID())
			from.RemoveStreamHandler(Protocol(chain))
		}
	})
	requirePeer(t, err, from.ID(), pdx.ErrUnavailable)
	require.NoError(t, here.Close())

	here, err = fs.Open(dir)
	require.NoError(t, err)
	defer here.Close()
	info, err := here.Stat(t.Context(), id)
	require.NoError(t, err)
	require.Greater(t, info.Held, uint64(size/2))
	mirror := newHost(t)
	meet(to, mirror)
	serve(t, mirror, there, everybody)
	m := NewMetrics(nil)
	client = newClient(t, ClientConfig{Host: to, Store: here, Metrics: m})
	first := true
	require.NoError(t, client.Pull(t.Context(), mirror.ID(), id, size, func(held, total uint64) {
		if first {
			require.Equal(t, info.Held, held)
		}
		first = false
	}))
	require.Equal(t, size-info.Held, count(t, m.pulledBytes), "nothing is fetched twice")
	blobtest.RequireWhole(t, here, data)
}

// A blob full of holes takes several requests of several ranges.
func TestPullHoles(t *testing.T) {
	p := newPair(t, 300*seg)
	part, err := p.store.Partial(t.Context(), p.id, 300*seg)
	require.NoError(t, err)
	whole, err := p.server.store.Open(t.Context(), p.id)
	require.NoError(t, err)
	for i := uint64(0); i < 300; i += 2 {
		var slice bytes.Buffer
		run := bao.Range{First: i, Count: 1}
		require.NoError(t, whole.WriteSlice(&slice, run))
		require.NoError(t, bao.ReadSlice(&slice, p.id, 300*seg, run, part))
	}
	require.NoError(t, part.Checkpoint(t.Context()))
	require.NoError(t, part.Close())
	require.NoError(t, p.pull(t.Context()))
	blobtest.RequireWhole(t, p.store, p.data)
	require.Equal(t, uint64(150*seg), count(t, p.client.metrics.pulledBytes))
}

func TestCancelledPullKeepsWhatItHas(t *testing.T) {
	p := newPair(t, 40*seg)
	runs(&p.client.limits, 2, 2, 2)
	ctx, cancel := context.WithCancel(t.Context())
	err := p.client.Pull(ctx, p.from.ID(), p.id, 40*seg, func(held, _ uint64) {
		if held >= 10*seg {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	info, err := p.store.Stat(t.Context(), p.id)
	require.NoError(t, err)
	require.GreaterOrEqual(t, info.Held, uint64(10*seg))
	require.NoError(t, p.pull(t.Context()))
	blobtest.RequireWhole(t, p.store, p.data)
}

func TestAuthorizerAnswers(t *testing.T) {
	for _, c := range []struct {
		answer, want error
	}{
		{pdx.ErrRefused, pdx.ErrRefused},
		{pdx.ErrNotFound, pdx.ErrNotFound},
		{pdx.ErrUnavailable, pdx.ErrUnavailable},
		{errTest, pdx.ErrUnavailable},
	} {
		t.Run(c.answer.Error(), func(t *testing.T) {
			p := newPair(t, seg)
			once(&p.client.limits)
			var puller peer.ID
			p.server.authorizer = AuthorizerFunc(func(_ context.Context, who peer.ID, id pdx.ContentID) error {
				require.Equal(t, p.id, id)
				puller = who
				return fmt.Errorf("authorizer: %w", c.answer)
			})
			requirePeer(t, p.pull(t.Context()), p.from.ID(), c.want)
			require.Equal(t, p.client.host.ID(), puller)
			_, err := p.store.Open(t.Context(), p.id)
			require.ErrorIs(t, err, pdx.ErrNotFound)
		})
	}
}

// An authorizer that hangs costs its own time only, and says so as busy.
func TestAuthorizerHangs(t *testing.T) {
	p := newPair(t, seg, withLimits(func(l *serverLimits) { l.authorizeTime = 1 }))
	once(&p.client.limits)
	p.server.authorizer = AuthorizerFunc(func(ctx context.Context, _ peer.ID, _ pdx.ContentID) error {
		<-ctx.Done()
		return ctx.Err()
	})
	requirePeer(t, p.pull(t.Context()), p.from.ID(), pdx.ErrUnavailable)
}

// A server that is busy for a while is asked again.
func TestBusyThenServed(t *testing.T) {
	p := newPair(t, 3*seg)
	var asked atomic.Int32
	p.server.limits.retryAfter = 1
	p.server.authorizer = AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error {
		if asked.Add(1) <= 3 {
			return pdx.ErrUnavailable
		}
		return nil
	})
	require.NoError(t, p.pull(t.Context()))
	blobtest.RequireWhole(t, p.store, p.data)
}

func TestPullRefusesBadArguments(t *testing.T) {
	p := newPair(t, seg)
	require.ErrorIs(t, p.client.Pull(t.Context(), p.from.ID(), p.id, bao.MaxSize+1, nil), pdx.ErrInvalid)
	requirePeer(t, p.client.Pull(t.Context(), p.from.ID(), blobtest.Root([]byte("other")), 5, nil), p.from.ID(), pdx.ErrNotFound)
	requirePeer(t, p.client.Pull(t.Context(), p.from.ID(), p.id, seg+1, nil), p.from.ID(), pdx.ErrInvalid) // a segment that it has not
	requirePeer(t, p.client.Pull(t.Context(), p.from.ID(), p.id, seg-1, nil), p.from.ID(), pdx.ErrCorrupt) // it states another size
	p.client.limits.retry.Tries = 1
	stranger := newHost(t)
	requirePeer(t, p.client.Pull(t.Context(), stranger.ID(), p.id, seg, nil), stranger.ID(), pdx.ErrUnavailable)

	small := newClient(t, ClientConfig{Host: p.client.host, Store: p.store, MaxSize: seg - 1})
	requirePeer(t, small.Pull(t.Context(), p.from.ID(), p.id, 0, nil), p.from.ID(), pdx.ErrInvalid)
}

func TestConstructorsRefuse(t *testing.T) {
	h := newHost(t)
	for _, c := range []ClientConfig{
		{ChainID: chain, Store: mem.New()}, {Host: h, ChainID: chain}, {Host: h, Store: mem.New()},
	} {
		_, err := NewClient(c)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	_, err := NewServer(h, chain, mem.New(), nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = NewServer(h, chain, nil, AuthorizerFunc(everybody))
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

// TestSmallDocumentTravelsOnce pulls blobs whose size is not known: one of a single
// segment is not fetched again after the segment that proves its size.
func TestSmallDocumentTravelsOnce(t *testing.T) {
	for _, size := range []int{1, 1000, seg} {
		p := newPair(t, size)
		var held uint64
		require.NoError(t, p.client.Pull(t.Context(), p.from.ID(), p.id, 0, func(now, _ uint64) { held = now }))
		blobtest.RequireWhole(t, p.store, p.data)
		require.Equal(t, uint64(size), held)
		require.Less(t, count(t, p.server.metrics.servedBytes), uint64(size+64))
	}
}
