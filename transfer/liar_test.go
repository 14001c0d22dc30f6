package transfer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// liar is a host that answers every request with what lie writes.
func liar(t *testing.T, lie func(s network.Stream, q *transferpb.Request)) host.Host {
	h := newHost(t)
	h.SetStreamHandler(Protocol(chain), func(s network.Stream) {
		defer s.Close()
		var q transferpb.Request
		if readFrame(bufio.NewReader(s), &q) == nil {
			lie(s, &q)
		}
	})
	return h
}

// honest is the true answer to q about data, status and body.
func honest(t *testing.T, data []byte, q *transferpb.Request) []byte {
	var b bytes.Buffer
	_ = stream.WriteFrame(&b, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: uint64(len(data))})
	for _, r := range q.GetRanges() {
		b.Write(blobtest.Slice(t, data, bao.Range{First: r.GetFirst(), Count: r.GetCount()}))
	}
	return b.Bytes()
}

func TestLiars(t *testing.T) {
	const size = 3*seg + 9
	data := blobtest.Bytes(size, 1)
	hang := func() { <-t.Context().Done() }
	at := func(i int, mask byte) func(network.Stream, *transferpb.Request) {
		return func(s network.Stream, q *transferpb.Request) {
			b := honest(t, data, q)
			if i < 0 {
				i += len(b)
			}
			b[i] ^= mask
			_, _ = s.Write(b)
		}
	}
	status := func(m *transferpb.Status) func(network.Stream, *transferpb.Request) {
		return func(s network.Stream, _ *transferpb.Request) { _ = stream.WriteFrame(s, m) }
	}
	raw := func(b ...byte) func(network.Stream, *transferpb.Request) {
		return func(s network.Stream, _ *transferpb.Request) { _, _ = s.Write(b) }
	}
	statusLen := len(honest(t, data, &transferpb.Request{}))
	for _, c := range []struct {
		name string
		lie  func(network.Stream, *transferpb.Request)
		want error
		kept uint64 // bytes that were right, came before what was wrong, and stay
	}{
		{"wrong size in status", status(&transferpb.Status{Code: transferpb.Code_CODE_OK, Size: size + 1}), pdx.ErrCorrupt, 0},
		{"wrong size in slice", at(statusLen, 1), pdx.ErrCorrupt, 0},
		{"huge size in slice", at(statusLen+7, 0x80), pdx.ErrCorrupt, 0},
		{"wrong node", at(statusLen+8, 1), pdx.ErrCorrupt, 0},
		{"wrong first segment", at(statusLen+8+3*64, 1), pdx.ErrCorrupt, 0},
		{"wrong last byte", at(-1, 1), pdx.ErrCorrupt, 3 * seg},
		{"trailing byte", func(s network.Stream, q *transferpb.Request) {
			_, _ = s.Write(append(honest(t, data, q), 0))
		}, nil, size}, // after the last segment nobody listens
		{"truncated", func(s network.Stream, q *transferpb.Request) {
			b := honest(t, data, q)
			_, _ = s.Write(b[:len(b)-1])
		}, pdx.ErrUnavailable, 3 * seg},
		{"ends after status", status(&transferpb.Status{Code: transferpb.Code_CODE_OK, Size: size}), pdx.ErrUnavailable, 0},
		{"reset in body", func(s network.Stream, q *transferpb.Request) {
			_, _ = s.Write(honest(t, data, q)[:seg])
			_ = s.Reset()
		}, pdx.ErrUnavailable, 0},
		{"stalls in body", func(s network.Stream, q *transferpb.Request) {
			b := honest(t, data, q)
			_, _ = s.Write(b[:len(b)-5])
			hang()
		}, pdx.ErrUnavailable, 3 * seg},
		{"drips", func(s network.Stream, q *transferpb.Request) {
			for _, b := range honest(t, data, q) {
				if _, err := s.Write([]byte{b}); err != nil {
					return
				}
				<-time.After(time.Millisecond)
			}
		}, pdx.ErrUnavailable, 0},
		{"stalls after body", func(s network.Stream, q *transferpb.Request) {
			_, _ = s.Write(honest(t, data, q))
			hang()
		}, nil, size}, // likewise
		{"says nothing", func(network.Stream, *transferpb.Request) { hang() }, pdx.ErrUnavailable, 0},
		{"closes at once", func(network.Stream, *transferpb.Request) {}, pdx.ErrUnavailable, 0},
		{"resets at once", func(s network.Stream, _ *transferpb.Request) { _ = s.Reset() }, pdx.ErrUnavailable, 0},
		{"huge frame", raw(0xff, 0xff, 0xff, 0xff, 0x0f), pdx.ErrCorrupt, 0},
		{"frame not minimal", raw(0x80, 0x00), pdx.ErrCorrupt, 0},
		{"frame cut", raw(5, 1), pdx.ErrUnavailable, 0},
		{"not protobuf", raw(2, 0xff, 0xff), pdx.ErrCorrupt, 0},
		{"empty status", raw(0), pdx.ErrCorrupt, 0},
		{"unknown code", status(&transferpb.Status{Code: 99}), pdx.ErrCorrupt, 0},
		{"always busy", status(&transferpb.Status{Code: transferpb.Code_CODE_BUSY}), pdx.ErrUnavailable, 0},
		{"busy for ever", status(&transferpb.Status{Code: transferpb.Code_CODE_BUSY, RetryAfterMs: ^uint32(0)}), pdx.ErrUnavailable, 0},
		{"failed", status(&transferpb.Status{Code: transferpb.Code_CODE_FAILED}), pdx.ErrUnavailable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to, here := liar(t, c.lie), newHost(t), mem.New()
			meet(to, from)
			client := newClient(t, ClientConfig{Host: to, Store: here}, impatient)
			err := client.Pull(t.Context(), from.ID(), blobtest.Root(data), size, nil)
			if c.want == nil {
				require.NoError(t, err)
				blobtest.RequireWhole(t, here, data)
				return
			}
			requirePeer(t, err, from.ID(), c.want)
			bad := count(t, client.metrics.badPeers) > 0
			require.Equal(t, errors.Is(c.want, pdx.ErrCorrupt), bad)

			// Nothing is lost, and an honest peer makes it whole.
			info, err := here.Stat(t.Context(), blobtest.Root(data))
			require.NoError(t, err)
			require.GreaterOrEqual(t, info.Held, c.kept)
			require.Less(t, info.Held, uint64(size))
			mirror, there := newHost(t), mem.New()
			blobtest.Add(t, there, data)
			serve(t, mirror, there, everybody)
			meet(to, mirror)
			require.NoError(t, client.Pull(t.Context(), mirror.ID(), blobtest.Root(data), size, nil))
			blobtest.RequireWhole(t, here, data)
		})
	}
}

// A false size is found out before anything is stored under it.
func TestLiesAboutUnknownSize(t *testing.T) {
	data := blobtest.Bytes(2*seg+9, 1)
	for _, size := range []uint64{0, 1, 2*seg + 8, 2*seg + 10, 3 * seg, 3*seg + 1, 1 << 43, 1 << 63} {
		from := liar(t, func(s network.Stream, q *transferpb.Request) {
			b := honest(t, data, &transferpb.Request{Ranges: []*transferpb.Range{{First: 2, Count: 1}}})
			_ = stream.WriteFrame(s, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: size})
			if len(q.GetRanges()) > 0 {
				body := b[len(honest(t, data, &transferpb.Request{})):]
				body[0], body[1], body[2] = byte(size), byte(size>>8), byte(size>>16)
				_, _ = s.Write(body)
			}
		})
		to, here := newHost(t), mem.New()
		meet(to, from)
		client := newClient(t, ClientConfig{Host: to, Store: here}, impatient)
		err := client.Pull(t.Context(), from.ID(), blobtest.Root(data), 0, nil)
		var pe *PeerError
		require.ErrorAs(t, err, &pe)
		_, err = here.Stat(t.Context(), blobtest.Root(data))
		require.ErrorIs(t, err, pdx.ErrNotFound, "size %d", size)
	}
}

// A silent server holds up a pull only as long as it may; the caller can leave
// earlier.
func TestLeaveSilentServer(t *testing.T) {
	var asked atomic.Bool
	from := liar(t, func(network.Stream, *transferpb.Request) {
		asked.Store(true)
		<-t.Context().Done()
	})
	to := newHost(t)
	meet(to, from)
	client := newClient(t, ClientConfig{Host: to, Store: mem.New()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- client.Pull(ctx, from.ID(), pdx.ContentID{1}, seg, nil) }()
	eventually(t, "asked", asked.Load)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}
