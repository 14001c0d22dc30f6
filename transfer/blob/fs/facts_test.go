package fs

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

func TestFactsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := facts{id: pdx.ContentID{1, 2}, size: rapid.Uint64Range(0, 1<<30).Draw(t, "size")}
		f.held = bao.NewBitmap(bao.Segments(f.size))
		for range rapid.IntRange(0, 20).Draw(t, "held") {
			if f.size > 0 {
				f.held.Add(rapid.Uint64Range(0, f.held.Len()-1).Draw(t, "segment"))
			}
		}
		b := f.encode()
		require.LessOrEqual(t, len(b), factsMost)
		got, err := decodeFacts(b)
		require.NoError(t, err)
		require.Equal(t, f, got)

		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, err = decodeFacts(b)
		require.ErrorIs(t, err, pdx.ErrCorrupt)
	})
}

func FuzzDecodeFacts(f *testing.F) {
	f.Add([]byte{})
	f.Add(facts{size: 1, held: bao.NewBitmap(1)}.encode())
	f.Add(facts{size: 1, held: bao.FullBitmap(1)}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := decodeFacts(b); err == nil {
			require.Equal(t, b, got.encode())
		}
	})
}

func TestDiskErrorsSayWhatToDo(t *testing.T) {
	for errno, want := range map[syscall.Errno]error{
		syscall.ENOSPC: blob.ErrNoSpace, syscall.EDQUOT: blob.ErrNoSpace, syscall.EFBIG: blob.ErrNoSpace,
		syscall.EROFS: blob.ErrReadOnly, syscall.EACCES: blob.ErrReadOnly, syscall.EPERM: blob.ErrReadOnly,
	} {
		err := fail("write", &os.PathError{Op: "write", Path: "p", Err: errno})
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		require.ErrorIs(t, err, errno)
	}
	require.False(t, errors.Is(fail("write", syscall.EIO), pdx.ErrUnavailable))
	require.NoError(t, fail("write", nil))
}

// A disk that is full when segments are written: nothing is claimed, and the
// pull goes on when there is room again.
func TestDiskFull(t *testing.T) {
	fullDisk, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no /dev/full here:", err)
	}
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	defer s.Close()

	w, err := s.Create(t.Context())
	require.NoError(t, err)
	room := w.(*writer).data
	w.(*writer).data = osFile{fullDisk}
	_, err = w.Write(make([]byte, 10))
	require.ErrorIs(t, err, blob.ErrNoSpace)
	require.NoError(t, room.Close())
	require.NoError(t, w.Abort())

	fullDisk, err = os.OpenFile("/dev/full", os.O_RDWR, 0)
	require.NoError(t, err)
	b, err := s.Partial(t.Context(), pdx.ContentID{1}, 10)
	require.NoError(t, err)
	p := b.(*partial)
	room, p.files.data = p.files.data, osFile{fullDisk}
	require.ErrorIs(t, p.PutSegment(0, make([]byte, 10)), blob.ErrNoSpace)
	require.Zero(t, p.Written())
	require.NoError(t, fullDisk.Close())
	p.files.data = room
	require.NoError(t, p.PutSegment(0, make([]byte, 10)))
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
}
