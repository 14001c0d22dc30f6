package seal

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

func TestOpenAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := plaintext(drawSize(t))
		s := sealBytes(t, plain, rapid.SampledFrom(aeads).Draw(t, "aead"))
		at, err := s.key.OpenAt(bytes.NewReader(s.ciphertext), s.Dataset)
		require.NoError(t, err)
		for range 4 {
			off := rapid.IntRange(0, len(plain)+10).Draw(t, "offset")
			want, got := make([]byte, rapid.IntRange(1, 2*plainBlock).Draw(t, "count")), []byte(nil)
			got = make([]byte, len(want))
			n, wantErr := bytes.NewReader(plain).ReadAt(want, int64(off))
			m, gotErr := at.ReadAt(got, int64(off))
			require.Equal(t, n, m)
			require.Equal(t, wantErr, gotErr)
			require.True(t, bytes.Equal(want[:n], got[:n]))
		}
	})
}

func TestOpenAtRefuses(t *testing.T) {
	s := sealBytes(t, plaintext(2*plainBlock), pdx.AES256GCM)
	spoiled := bytes.Clone(s.ciphertext)
	spoiled[blockSize+70_000] ^= 1
	at, err := s.key.OpenAt(bytes.NewReader(spoiled), s.Dataset)
	require.NoError(t, err)
	_, err = at.ReadAt(make([]byte, 1), 0)
	require.NoError(t, err)
	_, err = at.ReadAt(make([]byte, 1), plainBlock)
	require.Equal(t, &SegmentError{Index: BlockSegments + 1}, err)
	_, err = at.ReadAt(make([]byte, 1), 0)
	require.NoError(t, err, "what opens still opens")
	at, err = s.key.OpenAt(bytes.NewReader(s.ciphertext[:blockSize+10]), s.Dataset)
	require.NoError(t, err)
	_, err = at.ReadAt(make([]byte, 1), plainBlock)
	require.ErrorIs(t, err, ErrSize)
	_, err = at.ReadAt(make([]byte, 1), -1)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = at.ReadAt(make([]byte, 1), 2*plainBlock)
	require.ErrorIs(t, err, io.EOF)
	other := s.Dataset
	other.Key[0] ^= 1
	_, err = s.key.OpenAt(bytes.NewReader(s.ciphertext), other)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
