package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

var aeads = []pdx.AEAD{pdx.AES256GCM, pdx.ChaCha20Poly1305}

// sealed is a dataset with its ciphertext and with its key as the buyer receives it.
type sealed struct {
	pdx.Dataset
	ciphertext []byte
	key        *Key
}

func sealBytes(t require.TestingT, plain []byte, aead pdx.AEAD) sealed {
	return sealWith(t, NewSeed(), NewNonce(), plain, aead)
}

func sealWith(t require.TestingT, seed Seed, nonce [32]byte, plain []byte, aead pdx.AEAD) sealed {
	key, err := seed.Dataset(nonce)
	require.NoError(t, err)
	var out bytes.Buffer
	facts, err := key.Seal(&out, bytes.NewReader(plain), aead)
	require.NoError(t, err)
	ds := pdx.Dataset{
		Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: aead,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}
	opened, err := OpenDataset(key.Opening(), ds)
	require.NoError(t, err)
	return sealed{ds, out.Bytes(), opened}
}

func (s sealed) open(ciphertext []byte) ([]byte, error) {
	var out bytes.Buffer
	err := s.key.Open(&out, bytes.NewReader(ciphertext), s.Dataset)
	return out.Bytes(), err
}

func plaintext(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// borders are plaintext sizes at and beside the boundaries of segments and blocks.
var borders = []int{0, PlainSegment, 2 * PlainSegment, 15 * PlainSegment, plainBlock, 17 * PlainSegment, 2 * plainBlock}

func drawSize(t *rapid.T) int {
	return max(0, rapid.SampledFrom(borders).Draw(t, "border")+rapid.IntRange(-20, 20).Draw(t, "offset"))
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := plaintext(drawSize(t))
		s := sealBytes(t, plain, rapid.SampledFrom(aeads).Draw(t, "aead"))
		require.Equal(t, s.Size, uint64(len(s.ciphertext)))
		got, err := s.open(s.ciphertext)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
	})
}

// TestReadersOfAllKinds seals and opens through readers that return a little at a time,
// or data together with the end.
func TestReadersOfAllKinds(t *testing.T) {
	kinds := map[string]func(io.Reader) io.Reader{
		"halves": iotest.HalfReader, "end with data": iotest.DataErrReader, "bytes": iotest.OneByteReader,
	}
	for name, kind := range kinds {
		for _, n := range []int{0, 1, PlainSegment, plainBlock, plainBlock + 1} {
			plain := plaintext(n)
			key, err := NewSeed().Dataset(NewNonce())
			require.NoError(t, err)
			var out, back bytes.Buffer
			facts, err := key.Seal(&out, kind(bytes.NewReader(plain)), pdx.AES256GCM)
			require.NoError(t, err)
			ds := pdx.Dataset{Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM, Commitment: facts.Commitment}
			require.NoError(t, key.Open(&back, kind(bytes.NewReader(out.Bytes())), ds))
			require.True(t, bytes.Equal(plain, back.Bytes()), "%s, %d bytes", name, n)
		}
	}
}

func TestSizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.Uint64Range(0, math.MaxUint64/2).Draw(t, "plain")
		size := CiphertextSize(plain)
		require.True(t, ValidSize(size))
		require.Equal(t, plain, PlaintextSize(size))
		require.Equal(t, plain/PlainSegment+1, Segments(size))
		require.Equal(t, (Segments(size)-1)/BlockSegments+1, Blocks(size))
	})
	require.Equal(t, uint64(1), Blocks(blockSize-1))
	require.Equal(t, uint64(2), Blocks(blockSize+16))
	require.Equal(t, uint64(1)<<48, Segments(math.MaxUint64))
}

func TestSealsOnce(t *testing.T) {
	key, err := NewSeed().Dataset(NewNonce())
	require.NoError(t, err)
	_, err = key.Seal(io.Discard, bytes.NewReader(nil), "rot13")
	require.ErrorIs(t, err, pdx.ErrInvalid, "a wrong name uses nothing up")
	_, err = key.Seal(io.Discard, bytes.NewReader(nil), pdx.AES256GCM)
	require.NoError(t, err)
	_, err = key.Seal(io.Discard, bytes.NewReader(nil), pdx.AES256GCM)
	require.ErrorIs(t, err, ErrSealed)
	_, err = sealBytes(t, nil, pdx.AES256GCM).key.Seal(io.Discard, bytes.NewReader(nil), pdx.AES256GCM)
	require.ErrorIs(t, err, ErrSealed, "a key that came out of a box")
}

func TestSameSeedAndNonceGiveTheSameCiphertext(t *testing.T) {
	seed, nonce := NewSeed(), NewNonce()
	var out [2]bytes.Buffer
	for i := range out {
		again, err := SeedFromBytes(bytesOf(seed.Bytes()))
		require.NoError(t, err)
		key, err := again.Dataset(nonce)
		require.NoError(t, err)
		_, err = key.Seal(&out[i], bytes.NewReader(plaintext(100_000)), pdx.AES256GCM)
		require.NoError(t, err)
	}
	require.True(t, bytes.Equal(out[0].Bytes(), out[1].Bytes()))
}

func bytesOf(b [32]byte) []byte { return b[:] }

// TestSourceCutOff: a source that fails must not be taken for a short one, even if its
// error is io.ErrUnexpectedEOF, as with decompressors and HTTP bodies.
func TestSourceCutOff(t *testing.T) {
	for _, fault := range []error{io.ErrUnexpectedEOF, io.ErrClosedPipe, fmt.Errorf("connection: %w", io.EOF)} {
		for _, n := range []int{0, 1000, plainBlock, plainBlock + 5} {
			key, err := NewSeed().Dataset(NewNonce())
			require.NoError(t, err)
			_, err = key.Seal(io.Discard, io.MultiReader(bytes.NewReader(plaintext(n)), iotest.ErrReader(fault)), pdx.AES256GCM)
			require.ErrorIs(t, err, fault)
		}
		s := sealBytes(t, plaintext(200_000), pdx.AES256GCM)
		err := s.key.Open(io.Discard, io.MultiReader(bytes.NewReader(s.ciphertext[:70_000]), iotest.ErrReader(fault)), s.Dataset)
		require.ErrorIs(t, err, fault)
		require.NotErrorIs(t, err, pdx.ErrCorrupt, "the reader is to blame, not the seller")
	}
}

func TestSinkFails(t *testing.T) {
	fault := errors.New("disk full")
	key, err := NewSeed().Dataset(NewNonce())
	require.NoError(t, err)
	_, err = key.Seal(failingWriter{fault}, bytes.NewReader(nil), pdx.AES256GCM)
	require.ErrorIs(t, err, fault)
	s := sealBytes(t, plaintext(10), pdx.AES256GCM)
	require.ErrorIs(t, s.key.Open(failingWriter{fault}, bytes.NewReader(s.ciphertext), s.Dataset), fault)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// TestConstantMemory seals and opens 64 MiB at the same time. All memory that is
// allocated meanwhile, freed or not, is a small part of that: buffers for the blocks
// that are sealed at the same time.
func TestConstantMemory(t *testing.T) {
	const size = 64 << 20
	seed, nonce := NewSeed(), NewNonce()
	key, err := seed.Dataset(nonce)
	require.NoError(t, err)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	facts, err := key.Seal(io.Discard, io.LimitReader(zeros{}, size), pdx.AES256GCM)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4), "sealing")

	again, err := seed.Dataset(nonce)
	require.NoError(t, err)
	ds := pdx.Dataset{Size: facts.Size, Key: key.Public(), Nonce: nonce, AEAD: pdx.AES256GCM, Commitment: facts.Commitment}
	r, w := io.Pipe()
	done := make(chan error, 1)
	runtime.ReadMemStats(&before)
	go func() {
		_, err := again.Seal(w, io.LimitReader(zeros{}, size), pdx.AES256GCM)
		done <- errors.Join(err, w.Close())
	}()
	require.NoError(t, key.Open(io.Discard, r, ds))
	require.NoError(t, <-done)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/3), "sealing and opening")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func BenchmarkSeal(b *testing.B) {
	for _, aead := range aeads {
		b.Run(string(aead), func(b *testing.B) {
			const size = 64 << 20
			b.SetBytes(size)
			for b.Loop() {
				key, err := NewSeed().Dataset(NewNonce())
				require.NoError(b, err)
				_, err = key.Seal(io.Discard, io.LimitReader(zeros{}, size), aead)
				require.NoError(b, err)
			}
		})
	}
}
