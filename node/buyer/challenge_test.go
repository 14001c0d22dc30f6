package buyer_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// promise makes a certified deal one of mode quorum whose ack deadline is an hour ahead, and
// that nobody serves. It returns the ciphertext.
func (w *world) promise(id pdx.DealID) []byte {
	w.change(id, func(d *pdx.Deal) {
		d.AckMode, d.MaxChallenges, d.MaxChunks, d.BlockTime, d.Price = pdx.AckQuorum, 3, 16, 500*time.Millisecond, 10_000_000
		d.AnswerCost, d.AnswerByteCost = 700_000, 51
		d.DeadlineTime = time.Now().Add(time.Hour)
	})
	root := w.deals[id].Dataset.Root
	raw := w.remote[seller][root]
	delete(w.remote[seller], root)
	return raw
}

// answered has the validators answer the open challenge.
func (w *world) answered(id pdx.DealID) {
	w.change(id, func(d *pdx.Deal) {
		c := *d.Challenge
		c.State, c.AnsweredBy = pdx.ChallengeAnswered, helper
		d.Challenge = &c
		w.head.Height += 2 * buyer.SettleBlocks
	})
}

func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.challenges
}

// TestADealThatNobodyServesIsChallenged: once before its default ack, and again when that is
// near once more, while it is worth it.
func TestADealThatNobodyServesIsChallenged(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		raw := w.promise(1)
		w.order(s, pool)
		rest(44 * time.Minute)
		require.Zero(t, w.sent(), "there is time to pull it")
		rest(10 * time.Minute)
		require.Equal(t, 1, w.sent())
		require.NotEmpty(t, w.deals[1].Challenge.Chunks)
		rest(6 * time.Minute)
		require.Contains(t, pull(t, s, 1).Reason, "challenge 1 of 3 waits for an answer")
		w.answered(1)
		rest(9 * time.Hour) // the deadline moved to the end of the challenge
		require.Equal(t, 1, w.sent())
		require.Contains(t, pull(t, s, 1).Reason, "challenge 1 of 3 was answered")
		rest(2 * time.Hour)
		require.Equal(t, 2, w.sent())
		w.remote[helper][w.deals[1].Dataset.Root] = raw
		w.settle(func() bool { return state(s, 1) == model.PullAcked }) // the time that was won
	})
}

// TestChallengesThatAreNotWorthIt: a cheap dataset, one that somebody serves, and one of
// another mode are not challenged.
func TestChallengesThatAreNotWorthIt(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		for id := range pdx.DealID(3) {
			w.certify(id+1, pool, patients(10+int(id)))
		}
		w.promise(1)
		raw := w.promise(2)
		delete(w.remote[seller], w.deals[3].Dataset.Root)
		w.change(1, func(d *pdx.Deal) { d.Price = 1_000_000 })
		w.remote[helper][w.deals[2].Dataset.Root] = raw
		w.order(s, pool)
		rest(59 * time.Minute)
		require.Zero(t, w.sent())
	})
}

// TestAnOwnerChallengesWhenItLikes: early, about these chunks; what the chain would refuse is
// not sent.
func TestAnOwnerChallengesWhenItLikes(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		_, err := s.Challenge(t.Context(), 1, nil)
		require.ErrorIs(t, err, pdx.ErrRefused, "nobody promised it")
		w.promise(1)
		sent, err := s.Challenge(t.Context(), 1, []uint64{0})
		require.NoError(t, err)
		require.Equal(t, []uint64{0}, sent.Chunks)
		require.Greater(t, sent.Fee, pdx.Amount(700_000))
		_, err = s.Challenge(t.Context(), 1, nil)
		require.ErrorIs(t, err, pdx.ErrWrongState, "one is open")
		w.change(1, func(d *pdx.Deal) { d.Challenge.State, d.Challenge.Number = pdx.ChallengeAnswered, 3 })
		_, err = s.Challenge(t.Context(), 1, nil)
		require.ErrorIs(t, err, pdx.ErrRefused, "it had three")
		require.Equal(t, 1, w.sent())
	})
}

// TestABrokenPromiseIsShown: the deal ends unacked, and the pull says what came back.
func TestABrokenPromiseIsShown(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.certify(1, pool, patients(10))
		w.promise(1)
		w.order(s, pool)
		rest(55 * time.Minute)
		require.Equal(t, 1, w.sent())
		w.change(1, func(d *pdx.Deal) {
			d.Challenge.State = pdx.ChallengeUnanswered
			d.Conviction = &pdx.Conviction{Kind: pdx.BrokenPromise, Compensation: 1_700_100}
		})
		w.set(1, pdx.DealUnacked)
		w.settle(func() bool { return state(s, 1) == model.PullUnacked })
		require.Equal(t, pdx.Amount(1_700_101), pull(t, s, 1).Refund)
		require.Contains(t, pull(t, s, 1).Reason, "could show it")
	})
}

// TestChallengesSurviveACrashAtEveryCall kills the machine around every call while a challenge
// is due: there is one, and never a second.
func TestChallengesSurviveACrashAtEveryCall(t *testing.T) {
	for n := int64(1); ; n++ {
		crashed := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.start()
				pool := w.pool(s)
				w.certify(1, pool, patients(10))
				w.promise(1)
				w.order(s, pool)
				rest(44 * time.Minute)
				var points atomic.Int64
				w.setFail(func(string) error {
					if points.Add(1) >= n {
						return errCrash
					}
					return nil
				})
				rest(6 * time.Minute)
				crashed = points.Load() >= n
				require.NoError(t, s.Stop(t.Context()))
				w.setFail(nil)
				w.change(1, func(*pdx.Deal) { w.head.Height += 2 * buyer.SettleBlocks })
				s = w.start()
				rest(6 * time.Minute)
				require.Equal(t, 1, w.sent())
				require.NoError(t, s.Stop(t.Context()))
			})
		})
		if !crashed || n > 60 {
			require.Greater(t, n, int64(10))
			return
		}
	}
}
