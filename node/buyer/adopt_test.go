package buyer_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/storetest"
)

// forget loses all that the database knew but for the secrets.
func (w *world) forget() {
	w.creations, w.orders, w.pulls = storetest.Table[buyer.Creation]{}, storetest.Table[model.PullOrder]{}, storetest.Table[model.Pull]{}
	w.marks = storetest.Table[string]{}
}

func (w *world) stop(s *buyer.Service) { require.NoError(w.t, s.Stop(context.Background())) }

// boughtUntil has a buyer stop when its first deal is in a state.
func (w *world) boughtUntil(state pdx.DealState) {
	s := w.start()
	pool := w.pool(s)
	w.certify(1, pool, patients(3))
	if state == pdx.DealCertified {
		w.stop(s)
		return
	}
	w.order(s, pool)
	w.settle(func() bool { return state1(w, 1) == pdx.DealAcked })
	w.stop(s)
	if state == pdx.DealDelivered {
		w.delivered(1)
	}
}

func state1(w *world, id pdx.DealID) pdx.DealState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deals[id].State
}

// A purchase that the database forgot goes on: what is paid for without being asked, what is
// not when its owner says so. The key must be here.
func TestForgottenPurchaseGoesOn(t *testing.T) {
	for _, at := range []pdx.DealState{pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered} {
		for _, blobs := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.boughtUntil(at)
				w.forget()
				if !blobs {
					w.stored = map[pdx.ContentID][]byte{}
				}
				s := w.start()
				defer w.stop(s)
				out := filepath.Join(w.out, "by itself", "pool-1")
				if at == pdx.DealCertified {
					w.settle(func() bool { return find(s, 1).Reason != "" })
					require.Contains(t, find(s, 1).Reason, "pdx pull 1 --out")
					require.Zero(t, w.acked())
					w.order(s, 1)
					out = w.out
					w.settle(func() bool { return state1(w, 1) == pdx.DealAcked })
				}
				if state1(w, 1) == pdx.DealAcked {
					w.settle(func() bool { return state(s, 1) == model.PullAcked })
					w.delivered(1)
				}
				w.settle(func() bool { return find(s, 1).Opened != nil })
				raw, err := os.ReadFile(filepath.Join(out, "deal-1", "records.ndjson"))
				require.NoError(t, err)
				require.Equal(t, patients(3), string(raw))
				w.set(1, pdx.DealFinal)
				w.settle(func() bool { return state(s, 1) == model.PullFinal })
				require.Equal(t, 1, w.acked())
			})
		}
	}
}

// What is paid for stays, though no scan has put it into the feed yet.
func TestForgottenPurchaseIsNeededAtOnce(t *testing.T) {
	for _, at := range []pdx.DealState{pdx.DealAcked, pdx.DealDelivered} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.boughtUntil(at)
			w.forget()
			s := w.service()
			var reads atomic.Int32
			w.setFail(func(point string) error {
				if point == "+orders all" && reads.Add(1) > 1 { // the first is of the start
					return pdx.ErrUnavailable
				}
				return nil
			})
			require.NoError(t, s.Start(t.Context()))
			defer w.stop(s)
			<-s.Compared()
			needed, err := s.Needed(t.Context())
			require.NoError(t, err)
			require.Contains(t, needed, w.deals[1].Dataset.Root)
		})
	}
}

// Without the pool's key nothing is acknowledged, whatever is ordered, and what is
// lost is shown with a cure.
func TestPurchaseWithoutItsKey(t *testing.T) {
	for _, at := range []pdx.DealState{pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.boughtUntil(at)
			acked := w.acked()
			w.forget()
			w.secrets = storetest.Table[[]byte]{}
			s := w.start()
			defer w.stop(s)
			w.settle(func() bool { return find(s, 1).Reason != "" })
			require.Contains(t, find(s, 1).Reason, "pdx pool close")
			require.Contains(t, find(s, 1).Reason, "pdx restore")
			require.Len(t, s.LostPools(), 1)
			_, err := s.Pull(t.Context(), model.PullOrder{Pool: 1, Out: w.out})
			require.ErrorIs(t, err, buyer.ErrNoKey)
			time.Sleep(time.Hour) // a bubble's
			require.Equal(t, acked, w.acked())

			_, err = s.ClosePool(t.Context(), model.ClosePool{ID: 1})
			require.NoError(t, err)
			w.set(1, pdx.DealUndelivered)
			s.CompareAgain()
			w.settle(func() bool { return len(s.LostPools()) == 0 && find(s, 1).Deal == 0 })
		})
	}
}

// An order from an older database does not bring an ack when the key is gone.
func TestOrderWithoutItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := w.pool(s)
		w.order(s, pool)
		w.stop(s)
		w.certify(1, pool, patients(3))
		w.secrets = storetest.Table[[]byte]{}
		s = w.start()
		defer w.stop(s)
		w.settle(func() bool { return state(s, 1) == model.PullPaused })
		require.Contains(t, find(s, 1).Reason, "key is not in this home")
		time.Sleep(time.Hour) // a bubble's
		require.Zero(t, w.acked())
	})
}

// A pool that the chain took and an older database does not know is the request's.
func TestForgottenPoolIsTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := w.pool(s)
		w.stop(s)
		w.forget()
		s = w.start()
		defer w.stop(s)
		<-s.Compared()
		require.Equal(t, pool, w.pool(s))
		require.Len(t, w.pools, 1)
		needed, err := s.Needed(t.Context())
		require.NoError(t, err)
		require.Contains(t, needed, w.pools[0].Criteria)
		require.True(t, s.MayPull(t.Context(), w.pools[0].Criteria))
	})
}

// While the chain cannot be read it is tried again, and what there is shows then.
func TestComparisonIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.boughtUntil(pdx.DealDelivered)
		w.forget()
		w.setFail(func(point string) error {
			if point == "+pools" {
				return pdx.ErrUnavailable
			}
			return nil
		})
		s := w.start()
		defer w.stop(s)
		w.settle(func() bool { return s.CompareTrouble() != nil })
		w.setFail(nil)
		w.settle(func() bool { return find(s, 1).Opened != nil })
		require.NoError(t, s.CompareTrouble())
	})
}
