package buyer_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

func TestAcksShareATransaction(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 30
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		w.order(s, pool)
		acked := func() bool {
			return !slices.ContainsFunc(pulls(s), func(p model.Pull) bool { return p.State != model.PullAcked }) && len(pulls(s)) == many
		}
		w.settle(acked)
		require.Less(t, w.ackTxs, 4)
	})
}

func TestOneBadDealDoesNotStopABatch(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		const many = 20
		for id := range pdx.DealID(many) {
			w.certify(id+1, pool, patients(int(id)+1))
		}
		w.refuse[7] = true
		w.order(s, pool)
		w.settle(func() bool { return w.acked() == many-1 })
		w.settle(func() bool { return pull(t, s, 7).Reason != "" })
		require.Equal(t, model.PullHeld, state(s, 7))
		require.NotContains(t, w.acks, pdx.DealID(7))
		w.set(7, pdx.DealUnacked)
		w.settle(func() bool { return state(s, 7) == model.PullUnacked })
		require.NotContains(t, w.stored, w.deals[7].Dataset.Root)
	})
}

// TestNoLieGetsAnAck: an endpoint shows the dataset of deal 1, which the buyer holds, as that
// of deal 2. What is acknowledged names what is held, and the chain refuses it.
func TestNoLieGetsAnAck(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		w.certify(2, pool, patients(2))
		good := w.deals[1].Dataset
		w.lies[2] = func(d *pdx.Deal) { d.Dataset = good }
		w.order(s, pool)
		w.settle(func() bool { return w.acked() == 1 })
		w.settle(func() bool { return pull(t, s, 2).Reason != "" })
		require.NotContains(t, w.acks, pdx.DealID(2))
		require.Equal(t, model.PullHeld, state(s, 2))
	})
}

func TestNoAckWhenItIsTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*pdx.Deal, pdx.Head)
		acked  bool
	}{
		"height and time nearly over": {func(d *pdx.Deal, h pdx.Head) {
			d.DeadlineHeight, d.DeadlineTime = h.Height+2, h.Time.Add(time.Second)
			d.History[0].Height, d.History[0].Time = 1, h.Time.Add(-time.Hour)
		}, false},
		"time is left": {func(d *pdx.Deal, h pdx.Head) { d.DeadlineHeight = h.Height - 5 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				w.certify(1, pool, patients(1))
				w.change(1, func(d *pdx.Deal) { c.change(d, w.head) })
				w.order(s, pool)
				w.settle(func() bool {
					p := find(s, 1)
					return p.State == model.PullAcked || p.State == model.PullHeld && p.Reason != ""
				})
				require.Equal(t, c.acked, w.acks[1] == 1)
			})
		})
	}
}

func TestDealThatEndsBeforeItsAckCostsNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		synctest.Wait() // held, and waiting for others to share its transaction
		require.Equal(t, model.PullHeld, state(s, 1))
		w.set(1, pdx.DealUnacked)
		w.settle(func() bool { return state(s, 1) == model.PullUnacked })
		rest(time.Minute)
		require.Zero(t, w.ackTxs)
	})
}

func TestLostAnswerToAnAckSendsNoSecond(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.setFail(func(point string) error {
			if point == "-ack" {
				return pdx.ErrUnavailable
			}
			return nil
		})
		w.certify(1, pool, patients(1))
		w.order(s, pool)
		w.settle(func() bool { return state(s, 1) == model.PullAcked })
		rest(time.Hour)
		require.Equal(t, 1, w.ackTxs)
	})
}
