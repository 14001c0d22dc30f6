package buyer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

func TestRottenDiskBlamesNobody(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		root := w.deals[1].Dataset.Root
		w.mu.Lock()
		w.stored[root] = slices.Clone(w.stored[root])
		w.stored[root][3] ^= 1
		w.mu.Unlock()
		w.delivered(1)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
	})
}

// TestCopiersAreNamed has one of two validators certify with the hash of another.
func TestCopiersAreNamed(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		w.certify(1, pool, patients(10))
		digest, err := w.keys[1].Digest(pdx.AES256GCM)
		require.NoError(t, err)
		_, _ = digest.Write([]byte(patients(10)))
		honest := attest.Report{ChainID: chainID, Deal: 1, Validator: helper, Digest: [32]byte(digest.Sum(nil))}.Hash()
		w.mu.Lock()
		certificates := slices.Clone(w.deals[1].Certificates)
		for i := range certificates {
			certificates[i].Report = honest
		}
		d := w.deals[1]
		d.Certificates = certificates
		w.deals[1] = d
		w.mu.Unlock()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		require.Equal(t, []pdx.Address{loafer}, pull(t, s, 1).Opened.Copiers)
	})
}

func TestFullDiskPauses(t *testing.T) {
	for _, point := range []string{"+fetch", "+segment"} {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.setFail(func(p string) error {
				if p == point {
					return fmt.Errorf("%w: %w", pdx.ErrUnavailable, syscall.ENOSPC)
				}
				return nil
			})
			w.certify(1, pool, patients(10))
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == model.PullPaused })
			require.Contains(t, pull(t, s, 1).Reason, "disk is full")
			require.NotContains(t, w.asked, helper, "another source does not make room")
			w.setFail(nil)
			w.settle(func() bool { return state(s, 1) == model.PullAcked })
			require.Empty(t, pull(t, s, 1).Reason)
		})
	}
}

func TestForeignFilesAreNeverTouched(t *testing.T) {
	for _, name := range []string{"records.ndjson", "manifest.json"} {
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.prompt = true
			folder := filepath.Join(w.out, "deal-1")
			require.NoError(t, os.MkdirAll(folder, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("mine"), 0o600))
			w.certify(1, pool, patients(10))
			w.order(s, pool)
			w.settle(func() bool { return state(s, 1) == model.PullPaused })
			require.Contains(t, pull(t, s, 1).Reason, name)
			require.Equal(t, "mine", w.file(t, 1, name))
			require.NoError(t, os.Rename(filepath.Join(folder, name), filepath.Join(folder, "kept")))
			w.settle(func() bool { return state(s, 1) == model.PullOpened })
			require.Equal(t, patients(10), w.file(t, 1, "records.ndjson"))
			require.Equal(t, "mine", w.file(t, 1, "kept"))
		})
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		inTheWay := filepath.Join(w.out, "deal-1")
		require.NoError(t, os.WriteFile(inTheWay, []byte("mine"), 0o600))
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullPaused })
		require.Contains(t, pull(t, s, 1).Reason, "folder")
		require.NoError(t, os.Remove(inTheWay))
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
	})
}

func TestWhatACrashLeftIsSwept(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		folder := filepath.Join(w.out, "deal-1")
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, ".pdx-123.part"), []byte("half"), 0o600))
		// All was written, but the machine died before it noted so.
		require.NoError(t, os.WriteFile(filepath.Join(folder, "records.ndjson"), []byte(patients(10)), 0o600))
		w.certify(1, pool, patients(10))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullOpened })
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, entries, 2)
	})
}
