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
			s.run(ctx, func(ctx context.Context, _ pdx.PoolID, id pdx.DealID) outcome {
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
		for want := firstBackoff; want < lastBackoff; want *= 2 {
			failed := time.Now()
			answer <- retries
			<-began
			require.Equal(t, want, time.Since(failed))
		}
		answer <- retries
		synctest.Wait()
		woken := time.Now()
		s.wake(7)
		<-began
		require.Equal(t, woken, time.Now())
	})
}

func TestBackoffIsBounded(t *testing.T) {
	require.Equal(t, firstBackoff, backoff(0))
	require.Equal(t, 2*firstBackoff, backoff(1))
	for tries := range 1000 {
		require.LessOrEqual(t, backoff(tries), lastBackoff)
		require.Positive(t, backoff(tries))
	}
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
