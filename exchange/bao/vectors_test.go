package bao_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	zeebo "github.com/zeebo/blake3"
	luke "lukechampine.com/blake3/bao"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// sealed is a dataset of segments.json, which seal's own tests check in full.
type sealed struct {
	Master, Nonce, Root hexBytes
	AEAD                pdx.AEAD
	Len                 int `json:"plaintext_len"`
	Add                 int `json:"plaintext_add"`
}

func (s sealed) ciphertext(t *testing.T) []byte {
	seed, err := seal.SeedFromBytes(s.Master)
	require.NoError(t, err)
	key, err := seed.Dataset([32]byte(s.Nonce))
	require.NoError(t, err)
	plain := make([]byte, s.Len)
	for k := range plain {
		plain[k] = byte(7*k + s.Add)
	}
	var out bytes.Buffer
	_, err = key.Seal(&out, bytes.NewReader(plain), s.AEAD)
	require.NoError(t, err)
	return out.Bytes()
}

type sliceVector struct {
	Segment               uint64
	Root                  hexBytes
	Size                  uint64   `json:"ciphertext_len"`
	Prefix                uint64   `json:"size_prefix_le"`
	Len                   int      `json:"slice_len"`
	Head                  hexBytes `json:"slice_head"`
	Hash                  hexBytes `json:"slice_blake3"`
	LibraryTakesWrongSize bool     `json:"library_accepts_wrong_size_prefix"`
}

func load[T any](t *testing.T, path string) (all []T) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &all))
	require.NotEmpty(t, all)
	return all
}

// sampleOf returns the dataset with that root.
func sampleOf(t *testing.T, root []byte) sample {
	t.Helper()
	for _, s := range load[sealed](t, "../seal/testdata/segments.json") {
		if bytes.Equal(s.Root, root) {
			return newSample(t, s.ciphertext(t), 65_537)
		}
	}
	require.FailNow(t, "no dataset with that root")
	return sample{}
}

func TestSliceVectors(t *testing.T) {
	for _, v := range load[sliceVector](t, "testdata/slices.json") {
		t.Run(fmt.Sprintf("%d of %d", v.Segment, v.Size), func(t *testing.T) {
			s := sampleOf(t, v.Root)
			require.Equal(t, v.Size, s.size())
			require.Equal(t, []byte(v.Root), s.root[:])
			slice := s.slice(t, bao.Range{First: v.Segment, Count: 1})
			require.Len(t, slice, v.Len)
			require.Equal(t, []byte(v.Head), slice[:len(v.Head)])
			hash := zeebo.Sum256(slice)
			require.Equal(t, []byte(v.Hash), hash[:])
			require.Equal(t, v.Prefix, binary.LittleEndian.Uint64(slice))

			got, err := bao.VerifySegment(slice, s.root, v.Size, v.Segment)
			require.NoError(t, err)
			from := v.Segment * bao.SegmentSize
			require.True(t, bytes.Equal(s.data[from:from+uint64(len(got))], got))
			require.Len(t, got, bao.SegmentLen(v.Size, v.Segment))
			refuses(t, v, s, slice)
		})
	}
}

// refuses checks that every spoiled slice is refused, those included that the
// library takes.
func refuses(t *testing.T, v sliceVector, s sample, slice []byte) {
	wrong := bytes.Clone(slice)
	binary.LittleEndian.PutUint64(wrong, v.Size+1)
	offset, length := bounds(v.Size, bao.Range{First: v.Segment, Count: 1})
	_, taken := luke.VerifySlice(wrong, group, offset, length, s.root)
	require.Equal(t, v.LibraryTakesWrongSize, taken, "the library has changed")

	bad := map[string][]byte{
		"wrong size":    wrong,
		"trailing byte": append(bytes.Clone(slice), 0),
		"truncated":     slice[:len(slice)-1],
		"no data":       slice[:8],
		"nothing":       nil,
	}
	for _, at := range []int{8, 39, 40, 71, 72, len(slice) - 1} {
		flipped := bytes.Clone(slice)
		flipped[at] ^= 0x40
		bad[fmt.Sprint("flipped ", at)] = flipped
	}
	for name, b := range bad {
		_, err := bao.VerifySegment(b, s.root, v.Size, v.Segment)
		require.ErrorIs(t, err, pdx.ErrCorrupt, name)
	}
	// A slice is of its segment only, and a size is certified: not what it says.
	_, err := bao.VerifySegment(wrong, s.root, v.Size+1, v.Segment)
	require.Equal(t, v.LibraryTakesWrongSize, err == nil, "without a certified size only the last segment proves it")
	for i := range bao.Segments(v.Size) {
		if i != v.Segment {
			_, err := bao.VerifySegment(slice, s.root, v.Size, i)
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		}
	}
	_, err = bao.VerifySegment(slice, s.root, v.Size, bao.Segments(v.Size))
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
