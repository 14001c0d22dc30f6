package seal

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// TestFlippedBitNamesItsSegment flips one random bit.
func TestFlippedBitNamesItsSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sealBytes(t, plaintext(drawSize(t)), rapid.SampledFrom(aeads).Draw(t, "aead"))
		at := rapid.IntRange(0, len(s.ciphertext)-1).Draw(t, "at")
		s.ciphertext[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, err := s.open(s.ciphertext)
		var segment *SegmentError
		require.ErrorAs(t, err, &segment)
		require.ErrorIs(t, err, pdx.ErrCorrupt)
		require.Equal(t, uint64(at/SegmentSize), segment.Index)
	})
}

// TestTruncation cuts at and beside every segment boundary. The cut is detected both
// with the certified size and with the size after the cut.
func TestTruncation(t *testing.T) {
	s := sealBytes(t, plaintext(17*PlainSegment+100), pdx.AES256GCM)
	certified := s.Size
	for cut := 0; cut < len(s.ciphertext); cut += SegmentSize {
		for _, n := range []int{cut, cut + 1, cut + TagSize, cut + 99} {
			s.Size = certified
			_, err := s.open(s.ciphertext[:n])
			require.ErrorIs(t, err, ErrSize, "%d bytes for the certified size", n)
			s.Size = uint64(n)
			_, err = s.open(s.ciphertext[:n])
			require.ErrorIs(t, err, pdx.ErrCorrupt, "%d bytes, size to match", n)
		}
	}
	s.Size = certified
	_, err := s.open(append(slices.Clone(s.ciphertext), 0))
	require.ErrorIs(t, err, ErrSize, "one byte more")
}

// TestNoShortSegment: a seller leaves out the short last segment. Every tag and the
// commitment are right; only the size shows that the end may have been cut off.
func TestNoShortSegment(t *testing.T) {
	for _, segments := range []int{0, 1, BlockSegments} {
		plain := plaintext(segments * PlainSegment)
		s := sealBytes(t, plain, pdx.AES256GCM)
		s.Size -= TagSize
		_, err := s.open(s.ciphertext[:s.Size])
		require.ErrorIs(t, err, ErrSize, "%d full segments", segments)
	}
}

// TestSwappedSegments moves whole segments within a block and between blocks.
func TestSwappedSegments(t *testing.T) {
	s := sealBytes(t, bytes.Repeat([]byte{1}, 18*PlainSegment), pdx.AES256GCM)
	segment := func(b []byte, i int) []byte { return b[i*SegmentSize : (i+1)*SegmentSize] }
	for _, pair := range [][2]int{{0, 1}, {15, 16}, {0, 16}} {
		swapped := slices.Clone(s.ciphertext)
		copy(segment(swapped, pair[0]), segment(s.ciphertext, pair[1]))
		copy(segment(swapped, pair[1]), segment(s.ciphertext, pair[0]))
		_, err := s.open(swapped)
		var segment *SegmentError
		require.ErrorAs(t, err, &segment)
		require.Equal(t, uint64(pair[0]), segment.Index)
	}
}

// TestEveryFactCounts changes each field of a dataset in turn, except for the root,
// which the blob store checks.
func TestEveryFactCounts(t *testing.T) {
	s := sealBytes(t, plaintext(100), pdx.AES256GCM)
	fields := reflect.TypeFor[pdx.Dataset]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if name == "Root" {
			continue
		}
		ds := s.Dataset
		switch f := reflect.ValueOf(&ds).Elem().Field(i); f.Kind() {
		case reflect.Array:
			f.Index(f.Len() - 1).SetUint(f.Index(f.Len()-1).Uint() ^ 1)
		case reflect.Uint64:
			f.SetUint(f.Uint() + 1)
		case reflect.String:
			f.SetString(string(pdx.ChaCha20Poly1305))
		default:
			t.Fatalf("field %s: no way to change a %s", name, f.Kind())
		}
		key, err := OpenDataset(s.key.Opening(), ds)
		if err == nil {
			err = key.Open(io.Discard, bytes.NewReader(s.ciphertext), ds)
		}
		require.ErrorIs(t, err, pdx.ErrCorrupt, name)
	}
}

func TestOpenRefusesOtherKeys(t *testing.T) {
	s := sealBytes(t, plaintext(100), pdx.AES256GCM)
	other := sealBytes(t, plaintext(100), pdx.AES256GCM)
	require.ErrorIs(t, s.key.Open(io.Discard, bytes.NewReader(other.ciphertext), other.Dataset), pdx.ErrInvalid)
	_, err := OpenDataset(other.key.Opening(), s.Dataset)
	require.ErrorIs(t, err, ErrBox)
	ds := s.Dataset
	ds.AEAD = "rot13"
	_, err = OpenDataset(s.key.Opening(), ds)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestOtherPlaintextThanCommitted(t *testing.T) {
	s := sealBytes(t, plaintext(100), pdx.AES256GCM)
	s.Commitment[0] ^= 1
	_, err := s.open(s.ciphertext)
	require.ErrorIs(t, err, ErrCommitment)
}

// TestBoxOfAnotherSecret makes a box that opens but contains another key's secret.
// Commitment and tag are right, so only the last check refuses it.
func TestBoxOfAnotherSecret(t *testing.T) {
	s := sealBytes(t, plaintext(100), pdx.AES256GCM)
	other, err := NewSeed().Dataset(NewNonce())
	require.NoError(t, err)
	m, err := expandMaster(s.key.Opening(), s.AEAD, s.Key, s.Nonce)
	require.NoError(t, err)
	s.Box, err = other.sealBox(m, s.AEAD)
	require.NoError(t, err)
	_, err = OpenDataset(s.key.Opening(), s.Dataset)
	require.ErrorIs(t, err, ErrBox)
	require.ErrorContains(t, err, "another key's secret")
}

// fuzzed returns a dataset that is the same in every fuzzing process.
func fuzzed(f *testing.F, n int) sealed {
	seed, err := SeedFromBytes(make([]byte, SeedLen))
	require.NoError(f, err)
	return sealWith(f, seed, [32]byte{1}, plaintext(n), pdx.AES256GCM)
}

// FuzzOpen replaces some bytes of a ciphertext, cuts or extends it, or changes its
// size. Only the certified bytes may open, and nothing may panic. The fuzzer's input is
// only the damage, since 64 KiB of input would slow it down.
func FuzzOpen(f *testing.F) {
	s := fuzzed(f, PlainSegment+40)
	f.Add([]byte{}, uint32(0), uint32(s.Size), s.Size)
	f.Add([]byte{1}, uint32(SegmentSize), uint32(s.Size), s.Size)
	f.Add([]byte{}, uint32(0), uint32(SegmentSize), uint64(SegmentSize))
	f.Add([]byte{}, uint32(0), uint32(SegmentSize-1), uint64(SegmentSize-1))
	f.Add([]byte{}, uint32(0), uint32(0), uint64(0))
	f.Add([]byte{1, 2, 3}, uint32(7), uint32(100), uint64(1)<<63)
	f.Fuzz(func(t *testing.T, patch []byte, at, length uint32, size uint64) {
		b := make([]byte, length%(3*SegmentSize))
		copy(b, s.ciphertext)
		if int(at) < len(b) {
			copy(b[at:], patch)
		}
		spoiled := s
		spoiled.Size = size
		_, err := spoiled.open(b)
		if size == s.Size && bytes.Equal(b, s.ciphertext) {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, pdx.ErrCorrupt)
	})
}

// FuzzOpenDataset changes boxes and M.
func FuzzOpenDataset(f *testing.F) {
	s := fuzzed(f, 0)
	m := s.key.Opening()
	f.Add(m[:], s.Box[:], s.KeyCommit[:])
	f.Add([]byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, m, box, commit []byte) {
		ds := s.Dataset
		clear(ds.Box[:])
		clear(ds.KeyCommit[:])
		copy(ds.Box[:], box)
		copy(ds.KeyCommit[:], commit)
		var opening pdx.Element
		copy(opening[:], m)
		_, err := OpenDataset(opening, ds)
		if opening == s.key.Opening() && ds == s.Dataset {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, ErrBox)
	})
}
