package seal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/proof"
)

// segmentOf returns segment i of a ciphertext.
func (s sealed) segmentOf(i uint64) []byte {
	return s.ciphertext[i*SegmentSize : min((i+1)*SegmentSize, s.Size)]
}

// TestOpenSegment opens every segment of datasets of all shapes by itself, with the key
// in a complaint, and expects the plaintext.
func TestOpenSegment(t *testing.T) {
	for _, n := range []int{0, 1, PlainSegment, 17*PlainSegment + 5} {
		for _, aead := range aeads {
			plain := plaintext(n)
			s := sealBytes(t, plain, aead)
			var opened []byte
			for i := range Segments(s.Size) {
				ctx := [32]byte{byte(i)}
				mj, prf, err := s.key.ProveComplaint(ctx, i/BlockSegments)
				require.NoError(t, err)
				require.NoError(t, proof.VerifyComplaint(ctx, s.Key, s.Nonce, i/BlockSegments, mj, prf))
				part, err := OpenSegment(mj, s.Dataset, i, s.segmentOf(i))
				require.NoError(t, err)
				opened = append(opened, part...)
			}
			require.True(t, bytes.Equal(plain, opened))
		}
	}
}

// TestOpenSegmentBlamesTheSegmentForItsBytesOnly: a changed segment, or another one in
// its position, is the dataset's fault; an argument that no such dataset has is the
// caller's.
func TestOpenSegmentBlamesTheSegmentForItsBytesOnly(t *testing.T) {
	s := sealBytes(t, plaintext(17*PlainSegment+5), pdx.AES256GCM)
	mj, _, err := s.key.ProveComplaint([32]byte{}, 0)
	require.NoError(t, err)
	next, _, err := s.key.ProveComplaint([32]byte{}, 1)
	require.NoError(t, err)

	var bad *SegmentError
	_, err = OpenSegment(mj, s.Dataset, 0, s.segmentOf(1))
	require.ErrorAs(t, err, &bad)
	require.Equal(t, uint64(0), bad.Index)
	_, err = OpenSegment(next, s.Dataset, 3, s.segmentOf(3))
	require.ErrorAs(t, err, &bad, "under another block's key")
	rapid.Check(t, func(t *rapid.T) {
		spoiled := bytes.Clone(s.segmentOf(17))
		spoiled[rapid.IntRange(0, len(spoiled)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, err := OpenSegment(next, s.Dataset, 17, spoiled)
		require.ErrorAs(t, err, &bad)
	})

	other := s.Dataset
	other.AEAD = "rot13"
	short := s.Dataset
	short.Size = SegmentSize
	for name, open := range map[string]func() ([]byte, error){
		"beyond the end": func() ([]byte, error) { return OpenSegment(next, s.Dataset, 18, nil) },
		"far beyond":     func() ([]byte, error) { return OpenSegment(next, s.Dataset, 1<<63, nil) },
		"too short":      func() ([]byte, error) { return OpenSegment(mj, s.Dataset, 0, s.segmentOf(0)[1:]) },
		"too long":       func() ([]byte, error) { return OpenSegment(next, s.Dataset, 17, append(s.segmentOf(17), 0)) },
		"no bytes":       func() ([]byte, error) { return OpenSegment(mj, s.Dataset, 0, nil) },
		"unknown cipher": func() ([]byte, error) { return OpenSegment(mj, other, 0, s.segmentOf(0)) },
		"no such size":   func() ([]byte, error) { return OpenSegment(mj, short, 0, s.segmentOf(0)) },
	} {
		_, err := open()
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
		require.NotErrorIs(t, err, pdx.ErrCorrupt, name)
	}
}

// TestProveOpen proves the content of a delivery to a verifier.
func TestProveOpen(t *testing.T) {
	key, err := NewSeed().Dataset(NewNonce())
	require.NoError(t, err)
	buyer := NewBuyerKey()
	d1, d2, _, err := key.Deliver([32]byte{1}, buyer.Public())
	require.NoError(t, err)
	m, prf, err := buyer.ProveOpen([32]byte{2}, d1, d2)
	require.NoError(t, err)
	require.Equal(t, key.Opening(), m)
	require.NoError(t, proof.VerifyOpen([32]byte{2}, buyer.Public(), d1, d2, m, prf))
	require.ErrorIs(t, proof.VerifyOpen([32]byte{3}, buyer.Public(), d1, d2, m, prf), proof.ErrProof)
}

func FuzzOpenSegment(f *testing.F) {
	s := fuzzed(f, 17*PlainSegment+5)
	mj, _, err := s.key.ProveComplaint([32]byte{}, 1)
	require.NoError(f, err)
	f.Add(mj[:], uint64(17), s.Size, s.segmentOf(17))
	f.Fuzz(func(t *testing.T, element []byte, i, size uint64, segment []byte) {
		var m pdx.Element
		copy(m[:], element)
		ds := s.Dataset
		ds.Size = size
		plain, err := OpenSegment(m, ds, i, segment)
		if err == nil {
			require.Equal(t, len(segment)-TagSize, len(plain))
			require.Equal(t, mj, m, "opened without the key")
		}
	})
}
