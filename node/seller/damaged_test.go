package seller_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// A sale that is served from its owner's file says at once that the file is another, though
// neither its size nor its time shows it, and goes on when it is back.
func TestEditThatKeepsSizeAndTimeIsNamed(t *testing.T) {
	inOneCopyWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		w.write(t, w.plain) // nothing but the fields that are disclosed, so no copy
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		require.Equal(t, w.file, sale.Disclosed)
		info, err := os.Stat(w.file)
		require.NoError(t, err)
		put := func(text string) {
			w.write(t, text)
			require.NoError(t, os.Chtimes(w.file, time.Time{}, info.ModTime()))
		}
		put(strings.ToUpper(w.plain))
		changed := func() bool {
			d, err := s.GetData(t.Context(), sale.Data)
			require.NoError(t, err)
			all, _, err := s.ListData(t.Context(), model.Page{Limit: 10})
			require.NoError(t, err)
			require.Equal(t, d.Changed, all[0].Changed)
			return d.Changed
		}
		require.False(t, changed(), "nothing shows it before it is served")

		began := time.Now()
		s.Damaged(t.Context(), sale.Dataset.Root, 0)
		time.Sleep(time.Second) // a bubble's
		synctest.Wait()
		require.Less(t, time.Since(began), 2*time.Second)
		require.Contains(t, w.sale(t, s, sale.ID).Reason, w.file)
		require.Contains(t, w.sale(t, s, sale.ID).Reason, "put it back as it was")
		require.True(t, changed())
		require.Contains(t, w.log.String(), "the file that it is sealed from changed")
		time.Sleep(10 * time.Minute) // a bubble's
		require.NotEmpty(t, w.sale(t, s, sale.ID).Reason, "and goes on to say it")
		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.ErrorIs(t, err, pdx.ErrWrongState, "it is not what is on sale")

		put(w.plain)
		_, err = s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Reason == "" })
		require.False(t, changed())
		s.Damaged(t.Context(), pdx.ContentID{9}, 0) // nothing of this seller
	})
}

func TestRottenCiphertextIsSealedAgain(t *testing.T) {
	for name, without := range map[string]bool{"from its copy": false, "from the data": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				w.chain.autoAck = false
				sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
				good, err := w.pull(sale.Dataset.Root)
				require.NoError(t, err)
				if without {
					require.NoError(t, os.Remove(sale.Disclosed))
				}
				require.NoError(t, w.blobs.Delete(t.Context(), sale.Dataset.Root)) // as whoever found it does
				s.Damaged(t.Context(), sale.Dataset.Root, 0)
				w.until(t, func() bool {
					again, err := w.pull(sale.Dataset.Root)
					return err == nil && string(again) == string(good)
				})
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Reason == "" })
				w.chain.move(sale.Deal, pdx.DealAcked)
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
				w.requireSoldOnce(t, s, 0)
			})
		})
	}
}

// The buyer of a final deal gets the ciphertext again, out of whatever is left of what was
// sold; nobody else does, and nothing stays when it is no longer asked for.
func TestFinalDealIsServedAgain(t *testing.T) {
	for name, kept := range map[string]bool{"from its copy": true, "from the data": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				w.stop(t, s)
				w.keepDisclosed = kept
				s = w.start(t)
				defer func() { w.stop(t, s) }()
				id := w.sell(t, s)
				w.until(t, func() bool { return w.sale(t, s, id).Settled })
				sale := w.sale(t, s, id)
				root := sale.Dataset.Root
				_, err := w.pull(root)
				require.ErrorIs(t, err, pdx.ErrNotFound)
				require.ErrorIs(t, s.MayPull(t.Context(), "panacea1val1", root), pdx.ErrNotFound)
				require.ErrorIs(t, s.MayPull(t.Context(), stranger, root), pdx.ErrNotFound)
				require.ErrorIs(t, s.MayPull(t.Context(), buyer, root), pdx.ErrUnavailable, "it is made first")
				w.until(t, func() bool { return s.MayPull(t.Context(), buyer, root) == nil })
				again, err := w.pull(root)
				require.NoError(t, err)
				first, _ := sealed.Load(root)
				require.Equal(t, first, again)
				left, err := os.ReadDir(w.folder)
				require.NoError(t, err)
				require.Len(t, left, map[bool]int{true: 1, false: 0}[kept], "no further plaintext")
				time.Sleep(29 * time.Minute) // a bubble's
				require.NoError(t, s.MayPull(t.Context(), buyer, root), "it stays while it is asked for")
				time.Sleep(29 * time.Minute) // a bubble's
				require.NoError(t, s.MayPull(t.Context(), buyer, root))
				time.Sleep(31 * time.Minute) // a bubble's
				synctest.Wait()
				_, err = w.pull(root)
				require.ErrorIs(t, err, pdx.ErrNotFound, "it is let go")
				require.True(t, w.sale(t, s, id).Settled)
			})
		})
	}
}

func TestFinalDealWhoseDataIsGoneIsRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		sale := w.sale(t, s, id)
		w.write(t, w.plain) // not what was sold
		may := func() error { return s.MayPull(t.Context(), buyer, sale.Dataset.Root) }
		require.ErrorIs(t, may(), pdx.ErrUnavailable)
		synctest.Wait()
		require.ErrorIs(t, may(), pdx.ErrRefused)
		require.ErrorContains(t, may(), "not kept here any more")
		require.NoError(t, s.RemoveData(t.Context(), sale.Data))
		time.Sleep(2 * time.Minute) // a bubble's
		require.ErrorIs(t, may(), pdx.ErrUnavailable, "it is tried again")
		synctest.Wait()
		require.ErrorIs(t, may(), pdx.ErrRefused)
	})
}
