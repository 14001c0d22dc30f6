package stream_test

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/p2p/stream"
)

func framed(t testing.TB, m proto.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, stream.WriteFrame(&b, m))
	return b.Bytes()
}

// Frames of every length come back, from a buffer that holds them and from one that
// does not, and no byte after them is taken.
func TestFramesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := wrapperspb.String(strings.Repeat("x", rapid.IntRange(0, 20_000).Draw(t, "length")))
		var b bytes.Buffer
		require.NoError(t, stream.WriteFrame(&b, want))
		b.WriteString("rest")
		r := bufio.NewReaderSize(iotest.HalfReader(&b), rapid.IntRange(16, 30_000).Draw(t, "buffer"))
		var got wrapperspb.StringValue
		require.NoError(t, stream.ReadFrame(r, 1<<15, &got))
		require.Equal(t, want.GetValue(), got.GetValue())
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "rest", string(rest))
	})
}

func TestLengths(t *testing.T) {
	for name, c := range map[string]struct {
		raw  []byte
		size int
		err  error
	}{
		"zero": {[]byte{0}, 0, nil}, "one byte": {[]byte{0x7f}, 127, nil}, "two bytes": {[]byte{0x80, 1}, 128, nil},
		"limit": {[]byte{0xe8, 7}, 1000, nil}, "above the limit": {[]byte{0xe9, 7}, 0, stream.ErrFrame},
		"zero in two bytes": {[]byte{0x80, 0}, 0, stream.ErrFrame}, "five in three": {[]byte{0x85, 0x80, 0}, 0, stream.ErrFrame},
		"endless":   {bytes.Repeat([]byte{0x80}, 20), 0, stream.ErrFrame},
		"ten bytes": {append(bytes.Repeat([]byte{0xff}, 9), 1), 0, stream.ErrFrame},
		"nothing":   {nil, 0, io.EOF}, "cut short": {[]byte{0x80}, 0, io.ErrUnexpectedEOF},
	} {
		size, err := stream.ReadLength(bytes.NewReader(c.raw), 1000)
		require.ErrorIs(t, err, c.err, name)
		require.Equal(t, c.size, size, name)
	}
}

func TestFramesThatEndEarly(t *testing.T) {
	whole := framed(t, wrapperspb.String(strings.Repeat("x", 300)))
	for n := range whole {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		for _, buffer := range []int{16, 4096} {
			require.ErrorIs(t, stream.ReadFrame(bufio.NewReaderSize(bytes.NewReader(whole[:n]), buffer), 1<<10, new(wrapperspb.StringValue)), want)
		}
	}
	broken := iotest.ErrReader(io.ErrClosedPipe)
	require.ErrorIs(t, stream.ReadFrame(bufio.NewReader(broken), 1, new(wrapperspb.StringValue)), io.ErrClosedPipe)
	require.NotErrorIs(t, stream.ReadFrame(bufio.NewReader(broken), 1, new(wrapperspb.StringValue)), stream.ErrFrame)
}

// FuzzFrames reads frames one after another, with little memory, whatever lengths
// they claim.
func FuzzFrames(f *testing.F) {
	nested, err := structpb.NewStruct(map[string]any{"a": []any{1, "b", map[string]any{"c": nil}}})
	require.NoError(f, err)
	f.Add(append(framed(f, nested), framed(f, &structpb.Struct{})...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0x80, 0x00})
	f.Fuzz(func(t *testing.T, raw []byte) {
		const limit = 1 << 10
		in := bytes.NewReader(raw)
		r := bufio.NewReaderSize(in, 64)
		for {
			before := in.Len() + r.Buffered()
			var m structpb.Struct
			err := stream.ReadFrame(r, limit, &m)
			used := before - in.Len() - r.Buffered()
			require.LessOrEqual(t, used, limit+2, "a frame of at most the limit, and its length")
			if err != nil {
				return
			}
			require.Empty(t, m.ProtoReflect().GetUnknown())
			var again structpb.Struct
			require.NoError(t, stream.ReadFrame(bufio.NewReader(bytes.NewReader(framed(t, &m))), 2*limit, &again))
			require.True(t, proto.Equal(&m, &again) || strings.Contains(m.String(), "nan"))
		}
	})
}

// A length that is a lie costs no more memory than the limit.
func TestMemoryIsBounded(t *testing.T) {
	const limit, times = 1 << 16, 100
	for name, c := range map[string]struct {
		raw  []byte
		most uint64
	}{"at the limit": {[]byte{0xff, 0xff, 3}, limit + 1<<13}, "above it": {[]byte{0xff, 0xff, 0xff, 0xff, 7}, 1 << 13}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			require.Error(t, stream.ReadFrame(bufio.NewReaderSize(bytes.NewReader(c.raw), 16), limit, new(wrapperspb.StringValue)))
		}
		runtime.ReadMemStats(&after)
		require.Less(t, (after.TotalAlloc-before.TotalAlloc)/times, c.most, name)
	}
}
