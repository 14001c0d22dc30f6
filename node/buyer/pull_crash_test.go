package buyer_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// TestPullCrashesAtEveryCall kills the machine around every call on the way from
// order to final: one ack for each deal, whole files, nothing left over.
func TestPullCrashesAtEveryCall(t *testing.T) { pullThroughCrashes(t, criteria.NDJSON, 2) }

// TestFolderPullCrashesAtEveryCall does the same with folders.
func TestFolderPullCrashesAtEveryCall(t *testing.T) { pullThroughCrashes(t, criteria.Folder, 2) }

// TestBatchCrashesAtEveryCall does the same with deals that come in a batch.
func TestBatchCrashesAtEveryCall(t *testing.T) {
	pullThroughCrashes(t, criteria.NDJSON, 3, func(c *buyer.Config) { c.Parallel = 1 })
}

func pullThroughCrashes(t *testing.T, mediaType string, deals int, change ...func(*buyer.Config)) {
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { crashed = crashOnce(t, mediaType, deals, n, change...) })
		})
		if !crashed {
			require.Greater(t, n, int64(50))
			return
		}
	}
}

func crashOnce(t *testing.T, mediaType string, deals int, at int64, change ...func(*buyer.Config)) bool {
	w := newWorld(t)
	w.prompt = true
	s := w.start(change...)
	pool := w.pool(s)
	w.asksFor(pool, mediaType)
	sold, name := patients, "records.ndjson" // n records, and where they are found
	if mediaType == criteria.Folder {
		name = "records/ward/patients.ndjson"
		sold = func(n int) string {
			return streamOf(t, map[string]string{"ward/patients.ndjson": patients(n), "none.json": "[]"})
		}
	}
	for id := range pdx.DealID(deals) {
		w.certify(id+1, pool, sold(10*int(id+1)))
	}
	var points atomic.Int64
	w.setFail(func(string) error {
		if points.Add(1) >= at {
			return errCrash
		}
		return nil
	})
	order := model.PullOrder{Pool: pool, Out: w.out}
	_, ordered := s.Pull(t.Context(), order)
	rest(10 * time.Second) // in fake time: all is opened by then, or the machine is dead
	rest(10 * time.Second)
	crashed := points.Load() >= at
	require.NoError(t, s.Stop(t.Context()))
	w.setFail(nil)

	s = w.start(change...)
	if ordered != nil {
		_, err := s.Pull(t.Context(), order)
		require.NoError(t, err)
	}
	all := func(states ...model.PullState) bool {
		for id := range pdx.DealID(deals) {
			if !done(s, id+1, states...) {
				return false
			}
		}
		return true
	}
	w.settle(func() bool { return all(model.PullOpened, model.PullFinal) })
	for id := range pdx.DealID(deals) {
		require.Equal(t, 1, w.acks[id+1])
		require.Equal(t, patients(10*int(id+1)), w.file(t, id+1, name))
		w.set(id+1, pdx.DealFinal)
	}
	_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
	require.NoError(t, err)
	w.settle(func() bool { return all(model.PullFinal) })
	w.settle(func() bool { return w.finished() })
	require.Len(t, w.stored, 1, "only the criteria stay")
	left, err := filepath.Glob(filepath.Join(w.out, "deal-*", ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, s.Stop(t.Context()))
	return crashed
}

func done(s *buyer.Service, id pdx.DealID, states ...model.PullState) bool {
	return slices.Contains(states, state(s, id))
}

// A buyer that starts while the chain is away takes up its deals when that is
// back, though no event says anything of them.
func TestStartWithoutTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := w.pool(s)
		_, err := s.Pull(t.Context(), model.PullOrder{Pool: pool, Out: w.out})
		require.NoError(t, err)
		require.NoError(t, s.Stop(t.Context()))
		w.certify(1, pool, patients(1)) // while the buyer is away

		away := time.Now().Add(15 * time.Second)
		w.setFail(func(point string) error {
			if time.Now().Before(away) && (point == "+deals" || point == "+deal" || point == "+pool") {
				return pdx.ErrUnavailable
			}
			return nil
		})
		s = w.start()
		rest(time.Minute)
		synctest.Wait()
		require.Equal(t, model.PullAcked, state(s, 1))
		require.NoError(t, s.Stop(t.Context()))
	})
}
