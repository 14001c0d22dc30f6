package fs

import (
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
)

// big is a batch of a mebibyte and a half.
func big() (all [][]byte) {
	for i := range 24 {
		all = append(all, blobtest.Bytes(seg, 21<<32+uint64(i)))
	}
	return all
}

// diskUse is how many bytes the packs of a store take.
func diskUse(t *testing.T, dir string) (bytes int64) {
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, packsDir), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	}))
	return bytes
}

// What is left of a pack does not keep the room of what was deleted, however it was
// deleted; small packs are left alone.
func TestPacksThatAreMostlyGoneShrink(t *testing.T) {
	all := big()
	for name, remove := range map[string]func(*Store, []pdx.ContentID) error{
		"together": func(s *Store, ids []pdx.ContentID) error { return s.DeleteMany(t.Context(), ids) },
		"one by one": func(s *Store, ids []pdx.ContentID) error {
			for _, id := range ids {
				if err := s.Delete(t.Context(), id); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, t.TempDir())
			ids := blobtest.AddBatch(t, s, all)
			require.NoError(t, remove(s, ids[:17]))
			require.Greater(t, diskUse(t, s.dir), int64(24*seg), "more than a quarter is left")
			require.NoError(t, remove(s, ids[17:21]))
			require.Less(t, diskUse(t, s.dir), int64(7*seg))
			blobtest.RequireSmall(t, s, all[21:])
			s = reopen(t, s)
			blobtest.RequireSmall(t, s, all[21:])
			missing, err := s.Missing(t.Context(), ids)
			require.NoError(t, err)
			require.Equal(t, ids[:21], missing)
			require.NoError(t, remove(s, ids[21:]))
			require.Zero(t, diskUse(t, s.dir))
		})
	}
}

// What another pack has, too, is not written a third time.
func TestShrinkingMakesNoSecondCopies(t *testing.T) {
	s := openAt(t, t.TempDir())
	all := big()
	ids := blobtest.AddBatch(t, s, all)
	blobtest.AddBatch(t, s, all[22:])
	require.NoError(t, s.DeleteMany(t.Context(), ids[:22]))
	require.Len(t, packDirs(t, s.dir), 1)
	blobtest.RequireSmall(t, s, all[22:])
}

// Wherever the power goes, what was not to be deleted is there afterwards; and what
// was is gone, if the deletion said so.
func TestPowerCutsOfShrinking(t *testing.T) {
	all := big()
	outcomes := map[bool]int{}
	for seed := range uint64(*powerCuts) {
		d, s := newCutStore(t)
		d.rand = rand.New(rand.NewPCG(seed, 5))
		s.log = slog.New(slog.DiscardHandler)
		ids := blobtest.AddBatch(t, s, all)
		left := 1 + d.rand.IntN(60)
		d.fault = func(string, string) error {
			if left--; left <= 0 {
				return errCut
			}
			return nil
		}
		deleted := s.DeleteMany(t.Context(), ids[:20]) == nil
		s, err := openOn(d.cut(), cutDir)
		require.NoError(t, err)
		blobtest.RequireSmall(t, s, all[20:])
		missing, err := s.Missing(t.Context(), ids)
		require.NoError(t, err)
		require.Contains(t, []int{0, 20}, len(missing), "seed %d", seed)
		require.False(t, deleted && len(missing) == 0, "seed %d: it was deleted and is there", seed)
		outcomes[deleted]++
	}
	require.Len(t, outcomes, 2, "both happen")
}
