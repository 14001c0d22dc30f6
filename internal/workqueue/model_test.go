package workqueue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestQueueAgainstAModel does whatever a caller can do, in any order: no slot is lost,
// none runs twice at once, and all that is due runs in the end.
func TestQueueAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const slots = 2
		now := time.Unix(1000, 0)
		q, err := New(Config[int, string]{
			Classes: []ClassConfig{slow: {Slots: slots}, urgent: {Slots: slots, ByDeadline: true, Deadline: time.Hour}},
			Retry:   testRetry, Step: never, Now: func() time.Time { return now },
		})
		require.NoError(t, err)
		running := map[int]Class{}
		key, class := rapid.IntRange(1, 6), rapid.SampledFrom([]Class{slow, urgent})
		begin := func(of Class) bool {
			j, _ := q.take(of)
			if j == nil {
				return false
			}
			require.NotContains(t, running, j.key, "twice at once")
			running[j.key] = of
			return true
		}
		end := func(key int, next Next) {
			if ran, ok := running[key]; ok {
				delete(running, key)
				q.ended(key, ran, next)
			}
		}
		nexts := []Next{Idle(), Done(), Again(), Rejoin(), Retry(), After(time.Minute), RetryWithin(time.Second), Move(slow)}
		t.Repeat(map[string]func(*rapid.T){
			"add":     func(t *rapid.T) { q.Add(key.Draw(t, "key"), "") },
			"add to":  func(t *rapid.T) { q.AddTo(urgent, key.Draw(t, "key"), "", now.Add(time.Minute)) },
			"wake":    func(t *rapid.T) { q.Wake(key.Draw(t, "key")) },
			"wake in": func(t *rapid.T) { q.WakeIn(urgent, key.Draw(t, "key")) },
			"after":   func(t *rapid.T) { q.WakeAfter(key.Draw(t, "key"), time.Second) },
			"all":     func(*rapid.T) { q.WakeAll() },
			"park":    func(t *rapid.T) { q.Park(key.Draw(t, "key")) },
			"release": func(t *rapid.T) { q.Release(key.Draw(t, "key")) },
			"begin":   func(t *rapid.T) { begin(class.Draw(t, "class")) },
			"end":     func(t *rapid.T) { end(key.Draw(t, "key"), rapid.SampledFrom(nexts).Draw(t, "next")) },
			"pass": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second)
			},
			"": func(t *rapid.T) {
				perClass := map[Class]int{}
				for _, of := range running {
					perClass[of]++
				}
				for of, c := range q.classes {
					require.Equal(t, perClass[Class(of)], c.running)
					require.LessOrEqual(t, c.running, slots)
				}
			},
		})
		for key := range running {
			end(key, Again())
		}
		for key := range 7 {
			q.Release(key)
			q.Wake(key)
		}
		known := len(q.jobs)
		ran := 0
		for begin(slow) || begin(urgent) {
			for key := range running {
				end(key, Done())
				ran++
			}
		}
		require.Equal(t, known, ran)
		require.Empty(t, q.jobs)
	})
}
