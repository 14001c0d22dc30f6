package buyer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

func TestValidatorServesWhenTheSellerDoesNot(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		root := w.deals[1].Dataset.Root
		w.remote[helper][root], w.remote[loafer][root] = w.remote[seller][root], w.remote[seller][root]
		delete(w.remote[seller], root)
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		require.Equal(t, []pdx.Address{seller, helper}, w.asked, "strangers and those who promised nothing are not asked")
	})
}

func TestUnreachableSellerDoesNotStopOthers(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 10
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
			delete(w.remote[seller], w.deals[id+1].Dataset.Root)
		}
		w.certify(50, pool, patients(50))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 50) == model.PullAcked })
		w.settle(func() bool { return pull(t, s, 1).Reason != "" }) // it has none while it is tried again
		require.Zero(t, w.acks[1])
	})
}

func TestStalledSourceGivesWay(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		root := w.deals[1].Dataset.Root
		w.remote[helper][root] = w.remote[seller][root]
		w.mu.Lock()
		w.stalls = map[pdx.Address]bool{seller: true}
		w.mu.Unlock()
		began := time.Now()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		require.Less(t, time.Since(began), 2*time.Minute)
		require.Equal(t, []pdx.Address{seller, helper}, w.asked)
	})
}

func TestDripsDoNotKeepAllPlaces(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.mu.Lock()
		w.drips = map[pdx.DealID]bool{1: true, 2: true, 3: true, 4: true}
		w.mu.Unlock()
		for id := range pdx.DealID(5) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		began := time.Now()
		w.order(s, pool)
		w.settle(func() bool { return state(s, 5) == model.PullAcked })
		require.Less(t, time.Since(began), 10*time.Minute)
		require.Equal(t, model.PullPulling, state(s, 1))
	})
}
