package packed_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/packed"
)

func gzipped(t testing.TB, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.Copy(w, r)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func zstandard(t testing.TB, r io.Reader, o ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, append(o, zstd.WithEncoderConcurrency(1))...)
	require.NoError(t, err)
	_, err = io.Copy(w, r)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func packers(t testing.TB) map[string]func(string) []byte {
	return map[string]func(string) []byte{
		"gzip": func(s string) []byte { return gzipped(t, strings.NewReader(s)) },
		"zstd": func(s string) []byte { return zstandard(t, strings.NewReader(s)) },
	}
}

func open(t testing.TB, src format.Source) format.Source {
	t.Helper()
	plain, done, err := packed.Open(ndjson.Format{}, src)
	require.NoError(t, err)
	t.Cleanup(done)
	return plain
}

func unpack(t testing.TB, raw []byte) (string, error) {
	t.Helper()
	got, err := io.ReadAll(open(t, formattest.Source(raw)).Reader())
	return string(got), err
}

// noise is text that hardly shrinks.
func noise(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('a' + rand.IntN(26))
	}
	return string(text)
}

func TestOpen(t *testing.T) {
	text := noise(200_000)
	for name, pack := range packers(t) {
		raw := pack(text)
		got, err := unpack(t, raw)
		require.NoError(t, err, name)
		require.Equal(t, text, got, name)

		src := open(t, formattest.Source(raw)) // at any offset
		for _, at := range []int{150_000, 70_000, 70_100, 0, 199_999} {
			p := make([]byte, 100)
			n, err := src.ReadAt(p, int64(at))
			require.Equal(t, text[at:min(at+100, len(text))], string(p[:n]), name)
			require.Equal(t, n < 100, errors.Is(err, io.EOF), name)
		}

		parts := append(append(pack("one,"), pack("")...), pack("two")...) // as `cat a.gz b.gz`
		got, err = unpack(t, parts)
		require.NoError(t, err, name)
		require.Equal(t, "one,two", got, name)
		_, err = unpack(t, pack(""))
		require.NoError(t, err, name)
	}
	plain := formattest.Source(`{"id":1}`)
	same, done, err := packed.Open(ndjson.Format{}, plain)
	require.NoError(t, err)
	defer done()
	got, err := io.ReadAll(same.Reader())
	require.NoError(t, err)
	require.Equal(t, `{"id":1}`, string(got))
}

// anything is a format of any bytes.
type anything struct{ ndjson.Format }

func (anything) Sniff([]byte) string { return "" }

func TestAFormatOfAnyBytesStaysPacked(t *testing.T) {
	src := formattest.Source(gzipped(t, strings.NewReader("x")))
	same, done, err := packed.Open(anything{}, src)
	require.NoError(t, err)
	defer done()
	text, err := io.ReadAll(same.Reader())
	require.NoError(t, err)
	require.Equal(t, "\x1f\x8b", string(text[:2]))
}

func TestDamaged(t *testing.T) {
	for name, pack := range packers(t) {
		raw := pack(strings.Repeat(`{"id":"SECRET"}`+"\n", 1000))
		for n := 4; n < len(raw); n++ {
			_, err := unpack(t, raw[:n])
			require.ErrorIs(t, err, format.ErrData, "%s: %d", name, n)
		}
		for _, behind := range []string{"x", "garbage behind", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", string(raw[:9])} {
			_, err := unpack(t, append(bytes.Clone(raw), behind...))
			require.ErrorIs(t, err, format.ErrData, "%s %q", name, behind)
			require.NotContains(t, err.Error(), "SECRET")
		}
		spoiled := bytes.Clone(raw)
		spoiled[len(spoiled)-3] ^= 1 // of the checksum
		_, err := unpack(t, spoiled)
		require.ErrorIs(t, err, format.ErrData, name)

		gone := errors.New("the disk is gone")
		raw = pack(noise(20_000))
		src := format.Stream(io.MultiReader(bytes.NewReader(raw[:len(raw)/2]), iotest.ErrReader(gone)), int64(len(raw)))
		_, err = io.ReadAll(open(t, src).Reader())
		require.ErrorIs(t, err, gone, name)
		require.NotErrorIs(t, err, format.ErrData)
	}
	_, err := unpack(t, []byte("\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00")) // an empty frame with a window of 128 MiB
	require.ErrorIs(t, err, format.ErrData)
	require.ErrorContains(t, err, "without --long")
}

// Bombs end after a part of what they would unpack to, in bounded memory.
func TestBombs(t *testing.T) {
	zeros := io.LimitReader(formattest.Repeat("", "\x00", "", 1<<30).Reader(), 256<<20)
	for name, raw := range map[string][]byte{
		"gzip": gzipped(t, zeros),
		"zstd": zstandard(t, formattest.Repeat("", "x", "", 256<<20).Reader()),
	} {
		src := open(t, formattest.Source(raw))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := io.Copy(io.Discard, src.Reader())
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, format.ErrData, name)
		require.ErrorContains(t, err, name+" bomb", name)
		require.LessOrEqual(t, n, int64(70<<20), name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(80<<20), name)
	}
}

func TestName(t *testing.T) {
	for file, want := range map[string]string{
		"a.ndjson.gz": "a.ndjson", "b/A.CSV.GZ": "b/A.CSV", "c.json.zst": "c.json",
		"a.json": "a.json", ".gz": ".gz", "a.gz.gz": "a.gz", "agz": "agz",
	} {
		require.Equal(t, want, packed.Name(file))
	}
}

// FuzzUnpack reads any packed bytes: it ends, in bounded memory, with nothing but
// format.ErrData.
func FuzzUnpack(f *testing.F) {
	for _, pack := range packers(f) {
		f.Add(pack("{}\n{}\n"))
		f.Add(append(pack("{}\n"), pack(strings.Repeat("x", 1000))...))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		src, done, err := packed.Open(ndjson.Format{}, formattest.Source(raw))
		require.NoError(t, err)
		defer done()
		n, err := io.Copy(io.Discard, src.Reader())
		require.LessOrEqual(t, n, int64(max(65<<20, len(raw)*packed.MaxRatio+1<<20)))
		if err != nil {
			require.ErrorIs(t, err, format.ErrData)
		}
	})
}
