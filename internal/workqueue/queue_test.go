package workqueue

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx/internal/backoff"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	slow   Class = iota // in the order in which jobs are due
	urgent              // by deadline
)

var testRetry = backoff.Doubling{First: 2 * time.Second, Most: 5 * time.Minute}

type testQueue = Queue[int, string]

func newTestQueue(t *testing.T, slots int, step func(context.Context, Class, int, string) Next) *testQueue {
	q, err := New(Config[int, string]{
		Classes: []ClassConfig{slow: {Slots: slots}, urgent: {Slots: slots, ByDeadline: true, Deadline: time.Hour}},
		Retry:   testRetry,
		Step:    step,
	})
	require.NoError(t, err)
	return q
}

func never(context.Context, Class, int, string) Next { panic("no step runs here") }

// runQueue runs steps, which send their key and take their answer from a channel.
func runQueue(t *testing.T, slots int, scenario func(q *testQueue, began <-chan int, answer chan<- Next)) {
	synctest.Test(t, func(t *testing.T) {
		began, answer := make(chan int, 100), make(chan Next)
		q := newTestQueue(t, slots, func(ctx context.Context, _ Class, key int, _ string) Next {
			began <- key
			select {
			case next := <-answer:
				return next
			case <-ctx.Done():
				return Retry()
			}
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); q.Run(ctx) }()
		scenario(q, began, answer)
		stop()
		<-ended
	})
}

func TestWakeWhileRunningRunsAgain(t *testing.T) {
	for _, next := range []Next{Idle(), Done()} {
		runQueue(t, 1, func(q *testQueue, began <-chan int, answer chan<- Next) {
			q.Add(7, "")
			<-began
			require.True(t, q.Wake(7))
			answer <- next
			require.Equal(t, 7, <-began)
			answer <- Done()
			synctest.Wait()
			require.False(t, q.Wake(7), "a job that is done is forgotten")
		})
	}
}

func TestIdleJobRunsOnlyWhenWoken(t *testing.T) {
	runQueue(t, 1, func(q *testQueue, began <-chan int, answer chan<- Next) {
		q.Add(7, "")
		<-began
		answer <- Idle()
		time.Sleep(24 * time.Hour)
		require.Empty(t, began)
		q.WakeAll()
		time.Sleep(24 * time.Hour)
		require.Empty(t, began, "it waits for no time")
		q.WakeAfter(7, time.Minute)
		q.WakeAfter(7, time.Second)
		woken := time.Now()
		require.Equal(t, 7, <-began)
		require.Equal(t, time.Minute, time.Since(woken), "the first time counts")
		q.WakeAfter(7, time.Hour)
		answer <- Idle()
		require.Equal(t, 7, <-began, "what happens while it runs is not lost")
	})
}

func TestFailuresBackOffAndWakesCutThatShort(t *testing.T) {
	runQueue(t, 1, func(q *testQueue, began <-chan int, answer chan<- Next) {
		q.Add(7, "")
		<-began
		for want := testRetry.First; want < testRetry.Most; want *= 2 {
			failed := time.Now()
			answer <- Retry()
			<-began
			require.GreaterOrEqual(t, time.Since(failed), want/2)
			require.Less(t, time.Since(failed), want/2+want)
		}
		for _, wake := range []func(){func() { q.Wake(7) }, q.WakeAll} {
			answer <- Retry()
			synctest.Wait()
			woken := time.Now()
			wake()
			<-began
			require.Equal(t, woken, time.Now())
		}
		answer <- After(time.Second) // a success in between
		<-began
		failed := time.Now()
		answer <- Retry()
		<-began
		require.Less(t, time.Since(failed), testRetry.First*3/2)
	})
}

func TestStuckJobLeavesTheOtherSlots(t *testing.T) {
	runQueue(t, 2, func(q *testQueue, began <-chan int, answer chan<- Next) {
		for key := range 10 {
			q.Add(key, "")
		}
		seen := map[int]bool{<-began: true, <-began: true}
		for range 8 {
			answer <- Done()
			seen[<-began] = true
		}
		require.Len(t, seen, 10)
		require.Empty(t, began, "more than two at once")
	})
}

// TestEndInterruptsSteps also has a job that is due then, which does not begin.
func TestEndInterruptsSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began []int
		q := newTestQueue(t, 1, func(ctx context.Context, _ Class, key int, value string) Next {
			require.Equal(t, "value", value)
			began = append(began, key)
			<-ctx.Done()
			time.Sleep(time.Second) // Run waits for that
			return Again()
		})
		q.Add(1, "value")
		q.Add(2, "value")
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		start := time.Now()
		q.Run(ctx)
		require.Equal(t, time.Minute+time.Second, time.Since(start))
		require.Equal(t, []int{1}, began)
	})
}

// first starts the job that comes first in a class and returns its key, -1 if none
// may start.
func (q *Queue[K, V]) first(of Class) any {
	if j, _ := q.take(of); j != nil {
		return j.key
	}
	return -1
}

// ended is the end of a step that was begun by first.
func (q *Queue[K, V]) ended(key K, ran Class, next Next) { q.finish(q.jobs[key], ran, next) }

// TestUrgentJobsWaitForNoSlowOne has every slot of the slow class taken, and
// deadlines one before the other.
func TestUrgentJobsWaitForNoSlowOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(t, 1, never)
		q.Add(1, "")
		q.Add(2, "")
		require.NotEqual(t, -1, q.first(slow))
		require.Equal(t, -1, q.first(slow))
		q.AddTo(urgent, 3, "", time.Now().Add(3*time.Hour))
		q.AddTo(urgent, 4, "", time.Now().Add(20*time.Minute))
		q.AddTo(urgent, 5, "", time.Now().Add(2*time.Hour))
		q.Add(6, "")
		require.True(t, q.WakeIn(urgent, 6), "it waited in the slow class")
		require.False(t, q.WakeIn(urgent, 99))
		for _, want := range []int{4, 6, 5, 3} {
			require.Equal(t, want, q.first(urgent))
			require.Equal(t, -1, q.first(urgent), "one at once")
			q.ended(want, urgent, Done())
		}
		require.Equal(t, -1, q.first(urgent))
	})
}

// TestMovedJobComesFirst, but holds no slot for ever.
func TestMovedJobComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(t, 1, never)
		q.Add(1, "")
		time.Sleep(time.Hour)
		q.AddTo(urgent, 2, "", time.Time{})
		require.Equal(t, 2, q.first(urgent))
		q.ended(2, urgent, Move(slow))
		require.Equal(t, -1, q.first(urgent))
		require.Equal(t, 2, q.first(slow))
		q.ended(2, slow, Again())
		require.Equal(t, 1, q.first(slow))
	})
}

// TestBoundedRetries come soon, however often a step failed.
func TestBoundedRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 12 * time.Second
		q := newTestQueue(t, 1, never)
		q.AddTo(urgent, 1, "", time.Now().Add(time.Hour))
		for range 100 {
			require.Equal(t, 1, q.first(urgent))
			q.ended(1, urgent, RetryWithin(most))
			_, wait := q.take(urgent)
			require.LessOrEqual(t, wait, most)
			time.Sleep(most)
		}
	})
}

// TestMovedWhileItRuns gives back the slot that it took.
func TestMovedWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(t, 1, never)
		q.Add(1, "")
		require.Equal(t, 1, q.first(slow))
		require.True(t, q.WakeIn(urgent, 1))
		require.Equal(t, -1, q.first(urgent), "none twice at once")
		q.ended(1, slow, Idle())
		require.Equal(t, 1, q.first(urgent))
		q.ended(1, urgent, Done())
		q.Add(2, "")
		require.Equal(t, 2, q.first(slow))
	})
}

// TestParkedJobRests until it is released, whoever wakes it, also when the release
// comes before its step has ended.
func TestParkedJobRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(t, 1, never)
		q.Add(1, "")
		q.Add(2, "")
		require.Equal(t, 1, q.first(slow))
		require.True(t, q.Backlog(slow))
		q.Park(1)
		q.ended(1, slow, Rejoin())
		require.Equal(t, 2, q.first(slow))
		require.False(t, q.Backlog(slow))
		q.ended(2, slow, Done())
		require.True(t, q.WakeIn(urgent, 1))
		q.WakeAll()
		require.Equal(t, -1, q.first(slow))
		require.Equal(t, -1, q.first(urgent))
		q.Release(1)
		require.Equal(t, 1, q.first(urgent))

		q.Park(1)
		q.Release(1)
		require.Equal(t, -1, q.first(urgent), "none twice at once")
		q.ended(1, urgent, Rejoin())
		require.Equal(t, 1, q.first(urgent))

		q.ended(1, urgent, Again())
		q.Park(1) // while it waits
		require.Equal(t, -1, q.first(urgent))
		q.Release(1)
		require.Equal(t, 1, q.first(urgent))
	})
}

// TestRejoiningKeepsTheBackoff: what fails, and rejoins in between, is tried ever
// more seldom.
func TestRejoiningKeepsTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(t, 1, never)
		q.Add(1, "")
		for failures := range 7 { // later pauses are longer than any wait
			require.Equal(t, 1, q.first(slow))
			q.ended(1, slow, Rejoin())
			require.Equal(t, 1, q.first(slow))
			q.ended(1, slow, Retry())
			_, wait := q.take(slow)
			require.GreaterOrEqual(t, wait, testRetry.After(failures)/2)
			require.Less(t, wait, 2*testRetry.After(failures))
			time.Sleep(wait)
		}
	})
}

// TestClockOfTheCaller is set by hand: what is due follows it.
func TestClockOfTheCaller(t *testing.T) {
	now := time.Unix(1000, 0)
	q, err := New(Config[int, string]{Classes: []ClassConfig{{Slots: 1}}, Retry: testRetry, Step: never, Now: func() time.Time { return now }})
	require.NoError(t, err)
	q.Add(1, "")
	require.Equal(t, 1, q.first(slow))
	q.ended(1, slow, After(time.Minute))
	now = now.Add(time.Minute - 1)
	require.Equal(t, -1, q.first(slow))
	now = now.Add(1)
	require.Equal(t, 1, q.first(slow))
}

func TestNewRefuses(t *testing.T) {
	good := Config[int, string]{Classes: []ClassConfig{{Slots: 1}}, Retry: testRetry, Step: never}
	for name, spoil := range map[string]func(*Config[int, string]){
		"no class": func(c *Config[int, string]) { c.Classes = nil },
		"no slot":  func(c *Config[int, string]) { c.Classes = []ClassConfig{{Slots: 1}, {}} },
		"no step":  func(c *Config[int, string]) { c.Step = nil },
		"no pause": func(c *Config[int, string]) { c.Retry = backoff.Doubling{} },
	} {
		c := good
		spoil(&c)
		_, err := New(c)
		require.Error(t, err, name)
	}
	_, err := New(good)
	require.NoError(t, err)
}
