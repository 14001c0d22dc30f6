package buyer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// certifyMany puts small deals on chain, numbered from 1.
func (w *world) certifyMany(n int, pool pdx.PoolID) {
	for id := range pdx.DealID(n) {
		w.certify(id+1, pool, patients(int(id)+1))
	}
}

// orderAll orders a pool of which the chain says nothing more for a second: by then
// all its deals wait.
func (w *world) orderAll(s *buyer.Service, pool pdx.PoolID) {
	began := time.Now()
	w.setFail(func(point string) error {
		if point == "+deal" {
			time.Sleep(time.Until(began.Add(time.Second))) // a bubble's
		}
		return nil
	})
	w.order(s, pool)
}

// batched is how many blobs were asked for in batches, and in how many.
func (w *world) batched() (blobs, batches int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.many {
		blobs += n
	}
	return blobs, len(w.many)
}

func (w *world) askedOne() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

func TestSmallDealsComeInBatches(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 60
		w.certifyMany(many, pool)
		w.certify(99, pool, patients(10_000)) // a large one
		w.orderAll(s, pool)
		w.settle(func() bool { return w.acked() == many+1 })
		blobs, batches := w.batched()
		require.Greater(t, blobs, many/2)
		require.LessOrEqual(t, batches, 3)
		require.Equal(t, many+1, blobs+w.askedOne(), "each once")
		for id := range pdx.DealID(many) {
			w.settle(func() bool { return state(s, id+1) == model.PullAcked })
			p := pull(t, s, id+1)
			require.Equal(t, p.Size, p.Held)
		}
	})
}

func TestLoneSmallDealWaitsForNobody(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		began := time.Now()
		w.order(s, pool)
		synctest.Wait()
		require.Equal(t, model.PullHeld, state(s, 1))
		require.Zero(t, time.Since(began))
		_, batches := w.batched()
		require.Zero(t, batches)
	})
}

func TestPeerWithoutBatchesIsPulledFromDealByDeal(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 30
		w.unbatched = true
		w.certifyMany(many, pool)
		w.orderAll(s, pool)
		w.settle(func() bool { return w.acked() == many })
		_, batches := w.batched()
		require.Positive(t, batches)
		require.Equal(t, many, w.askedOne())
	})
}

// What the seller has not is had from a validator, in a batch as well; what
// nobody has stops no other.
func TestBatchOfWhichSomeIsElsewhere(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 30
		w.certifyMany(many, pool)
		for id := range pdx.DealID(many) {
			root := w.deals[id+1].Dataset.Root
			if id%2 == 0 && id > 0 {
				w.remote[helper][root] = w.remote[seller][root]
			}
			if id%2 == 0 {
				delete(w.remote[seller], root)
			}
		}
		w.orderAll(s, pool)
		w.settle(func() bool { return w.acked() == many-1 && find(s, 1).Reason != "" })
		require.Zero(t, w.acks[1])
		require.Less(t, w.askedOne(), many)
	})
}

// A deal that ends while it waits in a batch leaves no ciphertext.
func TestDealEndsInItsBatch(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 20
		w.stalls = map[pdx.Address]bool{seller: true, helper: true}
		w.certifyMany(many, pool)
		w.orderAll(s, pool)
		w.settle(func() bool { _, batches := w.batched(); return batches > 0 })
		w.set(1, pdx.DealLapsed)
		w.mu.Lock()
		w.stalls = nil
		w.mu.Unlock()
		w.settle(func() bool { return w.acked() == many-1 && state(s, 1) == model.PullLapsed })
		require.NotContains(t, w.stored, w.deals[1].Dataset.Root)
	})
}

// Whatever sources do, each deal whose ciphertext somebody gives is acknowledged
// once, and no other is.
func TestBatchesProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		many := rapid.IntRange(1, 25).Draw(r, "deals")
		parallel := rapid.IntRange(1, 4).Draw(r, "parallel")
		unbatched := rapid.Bool().Draw(r, "unbatched")
		stalls := rapid.Bool().Draw(r, "the seller stalls")
		lost := rapid.SliceOfN(rapid.SampledFrom([]string{"", "elsewhere", "drips", "nowhere"}), many, many).Draw(r, "blobs")
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.unbatched, w.drips = unbatched, map[pdx.DealID]bool{}
			s := w.start(func(c *buyer.Config) { c.Parallel = parallel })
			pool := w.pool(s)
			w.certifyMany(many, pool)
			want := map[pdx.DealID]int{}
			for i, how := range lost {
				id := pdx.DealID(i + 1)
				root := w.deals[id].Dataset.Root
				if how == "elsewhere" || stalls && how == "" {
					w.remote[helper][root] = w.remote[seller][root]
				}
				switch how {
				case "drips":
					w.drips[id] = true
					continue
				case "elsewhere", "nowhere":
					delete(w.remote[seller], root)
				}
				if how != "nowhere" {
					want[id] = 1
				}
			}
			w.stalls = map[pdx.Address]bool{seller: stalls}
			w.order(s, pool)
			w.settle(func() bool { return w.acked() == len(want) })
			w.mu.Lock()
			require.Equal(t, want, w.acks)
			clear(w.drips) // they come to an end
			w.mu.Unlock()
			require.NoError(t, s.Stop(t.Context()))
		})
	})
}
