package seller_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// inOneCopyWorld runs a test with a seller that seals nothing into a second copy.
func inOneCopyWorld(t *testing.T, test func(t *testing.T, w *world, s *seller.Service)) {
	t.Helper()
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.stop(t, s)
		w.oneCopyFrom = 1
		s = w.start(t)
		defer func() { w.stop(t, w.serving.Load()) }()
		test(t, w, s)
	})
}

func TestOneCopy(t *testing.T) {
	inOneCopyWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		info, err := w.blobs.Stat(t.Context(), sale.Dataset.Root)
		require.NoError(t, err)
		require.True(t, info.TreeOnly)
		before, err := w.pull(sale.Dataset.Root)
		require.NoError(t, err)

		w.stop(t, s) // what is served after a restart was not sealed anew
		s = w.start(t)
		w.reaches(t, s, sale.ID, model.SaleCertified)
		after, err := w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before, after))

		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
		_, err = w.blobs.Stat(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, pdx.ErrNotFound, "the tree is let go")
	})
}

// The one thing that must never happen: another plaintext, sealed under the same
// keys and nonces, leaving the machine. Each segment that changed is refused,
// whichever way it is read, and the sale says why it cannot be served.
func TestChangedPlaintextNeverLeaves(t *testing.T) {
	inOneCopyWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		good, err := w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		plain, err := os.ReadFile(sale.Disclosed)
		require.NoError(t, err)
		changed := bytes.Clone(plain)
		changed[70_000] ^= 1 // in segment 1
		require.NoError(t, os.WriteFile(sale.Disclosed, changed, 0o600))

		// What the seller would make of it: the same but for what gives both away.
		c, err := s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.NoError(t, err)
		defer c.Close()
		bad := make([]byte, len(good))
		_, err = c.ReadAt(bad, 0)
		require.NoError(t, err)
		const seg = bao.SegmentSize
		require.True(t, bytes.Equal(good[:seg], bad[:seg]))
		require.False(t, bytes.Equal(good[seg:], bad[seg:]))
		at := 70_000 + 16
		require.Equal(t, good[at]^1, bad[at], "keystream used twice")

		b, err := w.blobs.Open(t.Context(), sale.Dataset.Root)
		require.NoError(t, err)
		defer b.Close()
		for _, run := range []bao.Range{bao.All(b.Size()), {First: 1, Count: 1}} {
			var out bytes.Buffer
			require.ErrorIs(t, b.WriteSlice(&out, run), pdx.ErrCorrupt)
			require.False(t, bytes.Contains(out.Bytes(), bad[seg:seg+32]), "nothing of the segment")
			require.False(t, bytes.Contains(out.Bytes(), bad[at:at+32]))
		}
		_, err = w.pull(sale.Dataset.Root)
		require.ErrorIs(t, err, pdx.ErrCorrupt, "nor by ReadAt")

		require.NoError(t, os.WriteFile(sale.Disclosed, plain, 0o600))
		again, err := w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		require.True(t, bytes.Equal(good, again))
	})
}

func TestSourceIsGoneAndComesBack(t *testing.T) {
	inOneCopyWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		away := sale.Disclosed + ".away"
		require.NoError(t, os.Rename(sale.Disclosed, away))
		_, err := s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, seller.ErrSource)
		w.until(t, func() bool { return strings.Contains(w.sale(t, s, sale.ID).Reason, "put it back") })

		require.NoError(t, os.WriteFile(sale.Disclosed, []byte("short"), 0o600))
		_, err = s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, seller.ErrSource, "another size")

		require.NoError(t, os.Rename(away, sale.Disclosed))
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Reason == "" })
		_, err = w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		_, err = s.Ciphertext(t.Context(), pdx.ContentID{9})
		require.ErrorIs(t, err, pdx.ErrNotFound)
	})
}

// A file that is disclosed to its last byte is served as it lies there.
func TestNoCopyOfWhatIsDisclosedWhole(t *testing.T) {
	inOneCopyWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		w.write(t, w.plain) // nothing but the fields that are disclosed
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		require.Equal(t, w.file, sale.Disclosed)
		left, err := os.ReadDir(w.folder)
		require.NoError(t, err)
		require.Empty(t, left, "no copy")

		w.write(t, strings.ToUpper(w.plain)) // as long, but another
		require.NoError(t, os.Chtimes(w.file, sale.Created, sale.Created))
		_, err = s.Ciphertext(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, seller.ErrSource)
		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.ErrorIs(t, err, pdx.ErrWrongState, "another file while it is on sale")

		w.write(t, w.plain) // back, but with another time
		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err, "added again, it is the same")
		_, err = w.pull(sale.Dataset.Root)
		require.NoError(t, err)
		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// What a crash left between the commit of a ciphertext and its record goes, and
// nothing that a sale needs.
func TestSweep(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		w.stop(t, s)
		left, err := w.blobs.Create(t.Context())
		require.NoError(t, err)
		_, err = io.Copy(left, strings.NewReader("sealed, and then the power went"))
		require.NoError(t, err)
		info, err := left.Commit(t.Context())
		require.NoError(t, err)

		require.NoError(t, w.service(t).Sweep(t.Context(), func(pdx.ContentID) bool { return false }))
		_, err = w.blobs.Stat(t.Context(), info.ID)
		require.ErrorIs(t, err, pdx.ErrNotFound)
		_, err = w.blobs.Stat(t.Context(), sale.Dataset.Root)
		require.NoError(t, err)
		again := w.start(t)
		w.chain.move(sale.Deal, pdx.DealUnacked)
		w.until(t, func() bool { return w.sale(t, again, sale.ID).Settled })
		w.stop(t, again)
		require.NoFileExists(t, sale.Disclosed)
	})
}
