package transfer

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// rotten is a store whose disk fails the check.
type rotten struct {
	blob.Store
	blob.Blob
}

func (r rotten) Open(context.Context, pdx.ContentID) (blob.Blob, error) { return r, nil }
func (r rotten) Close() error                                           { return nil }
func (r rotten) WriteSlice(w io.Writer, _ bao.Range) error {
	_, _ = w.Write(make([]byte, 8))
	return pdx.ErrCorrupt
}

// What the resource manager is told must hold what is used.
func TestLargestRequestFits(t *testing.T) {
	q := request{id: pdx.ContentID{1}}
	for i := range uint64(MaxRanges) {
		q.runs = append(q.runs, bao.Range{First: 1<<63 + 1000*i, Count: 1 << 62})
	}
	require.LessOrEqual(t, proto.Size(q.message()), 1570)
	require.Less(t, proto.Size(q.message()), MaxFrame)
}

func TestWriteIsOneMessage(t *testing.T) {
	const yamuxHeader = 12
	require.Equal(t, noise.MaxPlaintextLength, writeStep+yamuxHeader)
}

func TestRequestsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := request{id: pdx.ContentID{7}}
		end, room := uint64(0), uint64(MaxRequestSegments)
		for range rapid.IntRange(0, MaxRanges).Draw(t, "ranges") {
			if room == 0 {
				break
			}
			run := bao.Range{First: end + rapid.Uint64Range(0, 5).Draw(t, "gap"), Count: rapid.Uint64Range(1, room).Draw(t, "count")}
			q.runs, end, room = append(q.runs, run), run.End(), room-run.Count
		}
		var b bytes.Buffer
		require.NoError(t, stream.WriteFrame(&b, q.message()))
		b.WriteString("rest")
		r := bufio.NewReader(&b)
		var m transferpb.Request
		require.NoError(t, readFrame(r, &m))
		got, err := parseRequest(&m)
		require.NoError(t, err)
		require.Equal(t, q, got)
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "rest", string(rest))
	})
}

func FuzzRequest(f *testing.F) {
	var b bytes.Buffer
	q := request{id: pdx.ContentID{1}, runs: bao.Ranges{{First: 1, Count: 2}, {First: 5, Count: 1}}}
	if err := stream.WriteFrame(&b, q.message()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte{0x80, 0x20})
	f.Fuzz(func(t *testing.T, in []byte) {
		var m transferpb.Request
		if err := readFrame(bufio.NewReader(bytes.NewReader(in)), &m); err != nil {
			return
		}
		q, err := parseRequest(&m)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		require.LessOrEqual(t, q.runs.Segments(), uint64(MaxRequestSegments))
		require.NoError(t, q.runs.Check())
	})
}

func FuzzStatus(f *testing.F) {
	f.Add([]byte{2, 8, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		var m transferpb.Status
		if err := readFrame(bufio.NewReader(bytes.NewReader(in)), &m); err == nil && m.GetCode() != transferpb.Code_CODE_OK {
			require.Error(t, errOf(&m))
		}
	})
}

func TestMetricsAreTheseAndNoOthers(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := NewMetrics(reg)
	m.requestDone("ok", time.Now())
	m.pulls.WithLabelValues("ok").Inc()
	m.retries.WithLabelValues("busy").Inc()
	families, err := reg.Gather()
	require.NoError(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	require.Equal(t, []string{
		"pdx_transfer_bad_peers_total",
		"pdx_transfer_batch_pulled_blobs_total",
		"pdx_transfer_batch_served_blobs_total",
		"pdx_transfer_panics_total",
		"pdx_transfer_pulled_bytes_total",
		"pdx_transfer_pulling_blobs",
		"pdx_transfer_pulls_total",
		"pdx_transfer_refetched_bytes_total",
		"pdx_transfer_request_duration_seconds",
		"pdx_transfer_requests_total",
		"pdx_transfer_retries_total",
		"pdx_transfer_served_bytes_total",
		"pdx_transfer_serving_streams",
		"pdx_transfer_waiting_streams",
	}, names)
	require.Panics(t, func() { NewMetrics(reg) })
}
