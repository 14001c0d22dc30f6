package buyer_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// bought has deal 1 opened, and final if it is to be.
func (w *world) bought(s *buyer.Service, pool pdx.PoolID, final bool) {
	w.prompt = true
	w.certify(1, pool, patients(3))
	w.order(s, pool)
	w.settle(func() bool { return state(s, 1) == model.PullOpened })
	if final {
		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
	}
}

// in1 orders deal 1's pool, or the deal by its number, into a folder.
func in1(t *testing.T, s *buyer.Service, deal pdx.DealID, out string) (model.Ordered, error) {
	r, err := s.Pull(t.Context(), model.PullOrder{Pool: 1, Deal: deal, Out: out})
	synctest.Wait()
	return r, err
}

func numbers(pulls []model.Pull) (ids []pdx.DealID) {
	for _, p := range pulls {
		ids = append(ids, p.Deal)
	}
	return ids
}

var deal1 = []pdx.DealID{1}

func TestLostFilesArePulledAgain(t *testing.T) {
	for name, final := range map[string]bool{"in dispute": false, "final": true} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.bought(s, pool, final)
				was := pull(t, s, 1)
				require.Equal(t, model.FilesPresent, was.Opened.Files())
				require.WithinDuration(t, time.Now(), was.Opened.At, time.Minute)
				r, err := in1(t, s, 0, w.out)
				require.NoError(t, err)
				require.Equal(t, deal1, numbers(r.Present), "nothing is missing")
				require.Empty(t, r.Again)
				w.offline = !final // the ciphertext of a deal in dispute is here

				require.NoError(t, os.RemoveAll(w.out))
				require.Equal(t, model.FilesMissing, was.Opened.Files())
				r, err = in1(t, s, 0, w.out)
				require.NoError(t, err)
				require.Equal(t, deal1, numbers(r.Again))
				require.False(t, r.Again[0].Again, "it came while the order waited")
				require.Equal(t, patients(3), w.file(t, 1, "records.ndjson"))
				require.FileExists(t, filepath.Join(w.out, "deal-1", "manifest.json"))
				p := pull(t, s, 1)
				require.Equal(t, was.State, p.State)
				require.Empty(t, p.Reason)
				require.False(t, p.Again)
				require.Equal(t, 1, w.acks[1], "it was paid once")
				if final {
					require.NotContains(t, w.stored, p.Root, "the ciphertext is let go again")
				}
			})
		})
	}
}

// TestErasedRecordsStayErased: they are deleted once the deal is final, the manifest stays, and no
// order, restart or pruning brings them back.
func TestErasedRecordsStayErased(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.bought(s, pool, false)
		require.ErrorIs(t, s.Erase(t.Context(), 1), pdx.ErrWrongState, "it may be disputed")
		records := pull(t, s, 1).Opened.Path
		require.FileExists(t, records)
		w.set(1, pdx.DealFinal)
		w.settle(func() bool { return state(s, 1) == model.PullFinal })
		for range 2 {
			require.NoError(t, s.Erase(t.Context(), 1))
			require.NoFileExists(t, records)
		}
		require.FileExists(t, filepath.Join(w.out, "deal-1", "manifest.json"))
		require.False(t, pull(t, s, 1).Erased.IsZero())
		require.NoError(t, s.Erase(t.Context(), 99), "nothing of it is here")
		for _, deal := range []pdx.DealID{0, 1} {
			_, err := in1(t, s, deal, w.out)
			if deal != 0 { // the pool itself may bring other deals
				require.ErrorIs(t, err, pdx.ErrWrongState)
				require.ErrorContains(t, err, "at the request of its seller")
			}
			require.NoFileExists(t, records)
		}
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		w.settle(w.finished)
		require.Empty(t, prune(t, s, model.Prune{Before: time.Now().Add(time.Hour)}).Pulls)
	})
}

func TestFilesThatNobodyServesAreNamed(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.bought(s, pool, true)
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		w.settle(w.finished)
		path := pull(t, s, 1).Opened.Path
		require.NoError(t, os.RemoveAll(w.out))
		kept := w.remote[seller]
		w.remote[seller] = nil
		for range 2 {
			_, err = in1(t, s, 0, w.out)
			require.ErrorIs(t, err, pdx.ErrUnavailable)
			require.ErrorContains(t, err, "deal 1 was delivered to "+path+" on 20")
			require.ErrorContains(t, err, "which is gone; its ciphertext is no longer kept by anybody")
		}
		p := pull(t, s, 1)
		require.Equal(t, model.PullFinal, p.State)
		require.Equal(t, path, p.Opened.Path)
		require.Contains(t, p.Reason, "no longer kept")

		w.offline = true
		_, err = in1(t, s, 1, w.out)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		require.ErrorContains(t, err, "neither its seller nor a validator that may keep its ciphertext can be reached")

		w.offline, w.remote[seller] = false, kept
		r, err := in1(t, s, 0, w.out+"2")
		require.NoError(t, err)
		require.Equal(t, deal1, numbers(r.Again))
		require.Empty(t, pull(t, s, 1).Reason)
		require.FileExists(t, filepath.Join(w.out+"2", "deal-1", "records.ndjson"))
	})
}

// What is being pulled again when the process ends is pulled again by the next one, also
// when its pool is finished.
func TestPullingAgainSurvivesCrashes(t *testing.T) {
	for at := int64(1); ; at++ {
		crashed := false
		in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
			w.bought(s, pool, true)
			_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
			require.NoError(t, err)
			w.settle(w.finished)
			require.NoError(t, os.RemoveAll(w.out))
			var points atomic.Int64
			w.setFail(func(string) error {
				if points.Add(1) >= at {
					return errCrash
				}
				return nil
			})
			_, ordered := in1(t, s, 0, w.out)
			rest(20 * time.Second)
			crashed = points.Load() >= at
			require.NoError(t, s.Stop(t.Context()))
			w.setFail(nil)

			s = w.start()
			if ordered != nil {
				_, err := in1(t, s, 0, w.out)
				require.NoError(t, err)
			}
			w.settle(func() bool { return state(s, 1) == model.PullFinal && !pull(t, s, 1).Again })
			require.Equal(t, patients(3), w.file(t, 1, "records.ndjson"))
			require.Len(t, w.stored, 1, "only the criteria stay")
			require.NoError(t, s.Stop(t.Context()))
		})
		if !crashed {
			require.Greater(t, at, int64(8))
			return
		}
	}
}

func TestAnOrdersFolderChanges(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.bought(s, pool, true)
		w.prompt = false
		w.certify(2, pool, patients(2))
		w.settle(func() bool { return state(s, 2) == model.PullAcked })
		other := w.out + "-other"

		r, err := in1(t, s, 0, other)
		require.NoError(t, err)
		require.Equal(t, deal1, numbers(r.Present), "what lies in the old folder stays there")
		require.True(t, r.Goes)
		require.NoDirExists(t, filepath.Join(other, "deal-1"))
		w.delivered(2)
		w.settle(func() bool { return state(s, 2) == model.PullOpened })
		require.True(t, strings.HasPrefix(pull(t, s, 2).Opened.Path, other+"/"), "what runs goes to the new one")

		r, err = in1(t, s, 1, other)
		require.NoError(t, err)
		require.Equal(t, deal1, numbers(r.Again), "by its number, it is had again where it is wanted")
		require.FileExists(t, filepath.Join(other, "deal-1", "records.ndjson"))
		require.FileExists(t, filepath.Join(w.out, "deal-1", "records.ndjson"))
	})
}

func TestAnOrderThatWouldDoNothingIsRefused(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.bought(s, pool, true)
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		w.settle(w.finished)
		_, err = in1(t, s, 0, w.out)
		require.NoError(t, err, "all of it lies where it is wanted")
		_, err = in1(t, s, 0, w.out+"-other")
		require.ErrorIs(t, err, pdx.ErrWrongState)
		require.ErrorContains(t, err, pull(t, s, 1).Opened.Path)
		require.ErrorContains(t, err, "--deal 1")
	})
}
