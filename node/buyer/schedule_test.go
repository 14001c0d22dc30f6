package buyer

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// runSchedule runs steps, which tell their deal and answer from a channel.
func runSchedule(t *testing.T, parallel int, scenario func(s *schedule, began <-chan pdx.DealID, answer chan<- outcome)) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(parallel)
		began, answer := make(chan pdx.DealID, 100), make(chan outcome)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.run(ctx, func(ctx context.Context, _ lane, _ pdx.PoolID, id pdx.DealID) outcome {
				began <- id
				select {
				case o := <-answer:
					return o
				case <-ctx.Done():
					return retries
				}
			})
		}()
		scenario(s, began, answer)
		stop()
		<-ended
	})
}

func TestHintWhileRunningRunsAgain(t *testing.T) {
	for _, o := range []outcome{waits, done} {
		runSchedule(t, 1, func(s *schedule, began <-chan pdx.DealID, answer chan<- outcome) {
			s.add(1, 7)
			<-began
			require.True(t, s.wake(7))
			answer <- o
			require.Equal(t, pdx.DealID(7), <-began)
			answer <- done
			synctest.Wait()
			require.False(t, s.wake(7), "a finished deal is forgotten")
		})
	}
}

func TestSettledDealRunsOnlyWhenHinted(t *testing.T) {
	runSchedule(t, 1, func(s *schedule, began <-chan pdx.DealID, answer chan<- outcome) {
		s.add(1, 7)
		<-began
		answer <- waits
		time.Sleep(24 * time.Hour)
		require.Empty(t, began)
		s.later(7, time.Minute)
		time.Sleep(time.Minute)
		require.Equal(t, pdx.DealID(7), <-began)
	})
}

func TestFailuresBackOffAndHintsCutThatShort(t *testing.T) {
	runSchedule(t, 1, func(s *schedule, began <-chan pdx.DealID, answer chan<- outcome) {
		s.add(1, 7)
		<-began
		for want := retryPause.First; want < retryPause.Most; want *= 2 {
			failed := time.Now()
			answer <- retries
			<-began
			require.GreaterOrEqual(t, time.Since(failed), want/2)
			require.Less(t, time.Since(failed), want/2+want)
		}
		answer <- retries
		synctest.Wait()
		woken := time.Now()
		s.wake(7)
		<-began
		require.Equal(t, woken, time.Now())
	})
}

func TestOneStuckDealLeavesTheOtherPlaces(t *testing.T) {
	runSchedule(t, 2, func(s *schedule, began <-chan pdx.DealID, answer chan<- outcome) {
		for id := range pdx.DealID(10) {
			s.add(1, id+1)
		}
		seen := map[pdx.DealID]bool{<-began: true, <-began: true}
		for range 8 {
			answer <- done
			seen[<-began] = true
		}
		require.Len(t, seen, 10)
		require.Empty(t, began, "more than two at once")
	})
}

// first is the deal that a lane begins with now, 0 if none.
func (s *schedule) first(l lane) pdx.DealID {
	id, _, _ := s.take(l)
	return id
}

// TestOpeningsWaitForNoPull has every place of the pulls taken, and disputes that
// end one before the other.
func TestOpeningsWaitForNoPull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.add(1, 1)
		s.add(1, 2)
		require.NotZero(t, s.first(pulling)) // it drips
		require.Zero(t, s.first(pulling))
		s.open(1, 3, time.Now().Add(3*time.Hour))
		s.open(1, 4, time.Now().Add(20*time.Minute))
		s.open(1, 5, time.Now().Add(2*time.Hour))
		s.add(1, 6)
		require.True(t, s.wakeOpen(6), "a deal that waits for its pull was delivered")
		for _, want := range []pdx.DealID{4, 6, 5, 3} {
			require.Equal(t, want, s.first(opening))
			require.Zero(t, s.first(opening), "one at once")
			s.finish(want, opening, done)
		}
		require.Zero(t, s.first(opening))
	})
}

// TestDeliveredAndNotHereIsPulledFirst, but holds no place for ever.
func TestDeliveredAndNotHereIsPulledFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.add(1, 1)
		time.Sleep(time.Hour)
		s.open(1, 2, time.Time{})
		require.Equal(t, pdx.DealID(2), s.first(opening))
		s.finish(2, opening, lacks)
		require.Zero(t, s.first(opening))
		require.Equal(t, pdx.DealID(2), s.first(pulling))
		s.finish(2, pulling, yields)
		require.Equal(t, pdx.DealID(1), s.first(pulling))
	})
}

// TestDisputesAreTriedAgainSoon however often they failed.
func TestDisputesAreTriedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.open(1, 1, time.Now().Add(time.Hour))
		for range 100 {
			require.Equal(t, pdx.DealID(1), s.first(opening))
			s.finish(1, opening, hurries)
			_, _, wait := s.take(opening)
			require.LessOrEqual(t, wait, hurriedBackoff)
			time.Sleep(hurriedBackoff)
		}
	})
}

// TestDeliveredWhileItIsPulled gives back the place that it took.
func TestDeliveredWhileItIsPulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.add(1, 1)
		require.Equal(t, pdx.DealID(1), s.first(pulling))
		require.True(t, s.wakeOpen(1))
		require.Zero(t, s.first(opening), "none twice at once")
		s.finish(1, pulling, waits)
		require.Equal(t, pdx.DealID(1), s.first(opening))
		s.finish(1, opening, done)
		s.add(1, 2)
		require.Equal(t, pdx.DealID(2), s.first(pulling))
	})
}

// TestDealInABatchRests until its batch has been pulled, whatever is hinted, also
// when that comes before its step has ended.
func TestDealInABatchRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.add(1, 1)
		s.add(1, 2)
		require.Equal(t, pdx.DealID(1), s.first(pulling))
		require.True(t, s.waits(pulling))
		s.park(1)
		s.finish(1, pulling, joins)
		require.Equal(t, pdx.DealID(2), s.first(pulling))
		require.False(t, s.waits(pulling))
		s.finish(2, pulling, done)
		require.True(t, s.wakeOpen(1))
		require.Zero(t, s.first(pulling))
		require.Zero(t, s.first(opening))
		s.release(1)
		require.Equal(t, pdx.DealID(1), s.first(opening))

		s.park(1)
		s.release(1)
		require.Zero(t, s.first(opening), "none twice at once")
		s.finish(1, opening, joins)
		require.Equal(t, pdx.DealID(1), s.first(opening))
	})
}

// TestBatchesDoNotCutBackoffsShort: what fails alone, and in a batch in between,
// is tried ever more seldom.
func TestBatchesDoNotCutBackoffsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(1)
		s.add(1, 1)
		for tries := range 7 { // later pauses are longer than any wait
			require.Equal(t, pdx.DealID(1), s.first(pulling))
			s.finish(1, pulling, joins)
			require.Equal(t, pdx.DealID(1), s.first(pulling))
			s.finish(1, pulling, retries)
			_, _, wait := s.take(pulling)
			require.GreaterOrEqual(t, wait, retryPause.After(tries)/2)
			require.Less(t, wait, 2*retryPause.After(tries))
			time.Sleep(wait)
		}
	})
}
