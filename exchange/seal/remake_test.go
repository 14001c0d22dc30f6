package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// remakerOf returns a Remaker of s from plain, with a key that is derived again from
// the seed.
func remakerOf(t require.TestingT, seed Seed, s sealed, plain []byte) *Remaker {
	key, err := seed.Dataset(s.Nonce)
	require.NoError(t, err)
	r, err := key.Remake(bytes.NewReader(plain), s.Dataset)
	require.NoError(t, err)
	return r
}

func TestRemakeGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := plaintext(drawSize(t))
		seed := NewSeed()
		s := sealWith(t, seed, NewNonce(), plain, rapid.SampledFrom(aeads).Draw(t, "aead"))
		r := remakerOf(t, seed, s, plain)
		for range 4 {
			off := rapid.IntRange(0, len(s.ciphertext)).Draw(t, "off")
			n := rapid.IntRange(0, len(s.ciphertext)-off).Draw(t, "n")
			got := make([]byte, n)
			m, err := r.ReadAt(got, int64(off))
			require.NoError(t, err)
			require.Equal(t, n, m)
			require.True(t, bytes.Equal(s.ciphertext[off:off+n], got))
		}
		all, err := io.ReadAll(io.NewSectionReader(r, 0, int64(s.Size)))
		require.NoError(t, err)
		require.True(t, bytes.Equal(s.ciphertext, all))
	})
}

func TestRemakeEndsWithTheCiphertext(t *testing.T) {
	seed := NewSeed()
	plain := plaintext(PlainSegment + 5)
	s := sealWith(t, seed, NewNonce(), plain, pdx.AES256GCM)
	r := remakerOf(t, seed, s, plain)
	b := make([]byte, 100)
	n, err := r.ReadAt(b, int64(s.Size)-3)
	require.Equal(t, 3, n)
	require.Equal(t, io.EOF, err)
	_, err = r.ReadAt(b, -1)
	require.ErrorIs(t, err, pdx.ErrInvalid)

	r = remakerOf(t, seed, s, plain[:len(plain)-1])
	_, err = r.ReadAt(b, SegmentSize)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the plaintext is shorter now")
	require.NotContains(t, string(b), string(plain[PlainSegment:len(plain)-1]), "no plaintext in its place")
}

func TestRemakeRefusesOthersKeys(t *testing.T) {
	seed := NewSeed()
	s := sealWith(t, seed, NewNonce(), plaintext(10), pdx.AES256GCM)
	key, err := seed.Dataset(NewNonce())
	require.NoError(t, err)
	_, err = key.Remake(bytes.NewReader(nil), s.Dataset)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	key, err = seed.Dataset(s.Nonce)
	require.NoError(t, err)
	for _, change := range []func(*pdx.Dataset){
		func(ds *pdx.Dataset) { ds.Size = SegmentSize + 1 },
		func(ds *pdx.Dataset) { ds.AEAD = "AEAD_NONE" },
	} {
		ds := s.Dataset
		change(&ds)
		_, err := key.Remake(bytes.NewReader(nil), ds)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
}

// If a disk fails in the middle of a pipeline, its error is returned, once, and all
// goroutines have ended.
func TestSealWhenTheWriterFails(t *testing.T) {
	key, err := NewSeed().Dataset(NewNonce())
	require.NoError(t, err)
	full := errors.New("full")
	out := &limited{left: 3, err: full}
	_, err = key.Seal(out, bytes.NewReader(make([]byte, 20*plainBlock)), pdx.AES256GCM)
	require.ErrorIs(t, err, full)
	require.Zero(t, out.after, "nothing is written after an error")
}

type limited struct {
	left, after int
	err         error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left == 0 {
		l.left = -1
		return 0, l.err
	}
	if l.left < 0 {
		l.after++
	}
	l.left--
	return len(p), nil
}

func BenchmarkRemake(b *testing.B) {
	seed := NewSeed()
	plain := plaintext(32 * plainBlock)
	s := sealWith(b, seed, NewNonce(), plain, pdx.AES256GCM)
	r := remakerOf(b, seed, s, plain)
	buf := make([]byte, SegmentSize)
	b.SetBytes(int64(s.Size))
	for b.Loop() {
		for off := int64(0); off < int64(s.Size); off += SegmentSize {
			if n, err := r.ReadAt(buf, off); n == 0 {
				b.Fatal(err)
			}
		}
	}
}
