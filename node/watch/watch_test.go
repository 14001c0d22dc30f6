package watch_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/node/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type thing struct {
	Key   int
	Color string
	N     int
}

// reader collects what a watch yields.
type reader struct {
	mu   sync.Mutex
	seen []thing
	over bool
}

func (r *reader) run(changes iter.Seq[thing]) {
	for v := range changes {
		r.mu.Lock()
		r.seen = append(r.seen, v)
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

func (r *reader) take() []thing {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

func TestWatchBeginsWithAllAndGoesOnWithChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := watch.NewMap[int, thing]()
		m.Set(2, thing{Key: 2})
		m.Set(1, thing{Key: 1})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := &reader{}
		go r.run(m.Watch(ctx))
		require.Equal(t, []thing{{Key: 1}, {Key: 2}}, r.take())
		require.Empty(t, r.take(), "nothing changed")

		m.Set(3, thing{Key: 3})
		require.Equal(t, []thing{{Key: 3}}, r.take())
		m.Update(1, func(v thing) (thing, bool) { v.N = 7; return v, true })
		require.Equal(t, []thing{{Key: 1, N: 7}}, r.take())
		m.Update(1, func(v thing) (thing, bool) { v.N = 8; return v, false })
		m.Update(9, func(v thing) (thing, bool) { return v, true })
		require.Empty(t, r.take(), "refused, and unknown")
		m.Delete(2)
		require.Empty(t, r.take())
		require.Equal(t, []thing{{Key: 1, N: 7}, {Key: 3}}, m.Values())

		cancel()
		require.Empty(t, r.take())
		require.True(t, r.over)
	})
}

// The last value of a key that is retired reaches everybody who watches, and is gone from
// the map at once.
func TestRetiredKeyHasALastWord(t *testing.T) {
	m := watch.NewMap[int, thing]()
	byColor := watch.NewIndex(m, func(v thing, under func(string)) { under(v.Color) })
	m.Set(1, thing{Key: 1, Color: "red"})
	m.Set(2, thing{Key: 2})
	next, stop := iter.Pull(m.Watch(t.Context()))
	defer stop()
	v, _ := next()
	require.Equal(t, 1, v.Key)
	v, _ = next()
	require.Equal(t, 2, v.Key)

	m.Retire(1, thing{Key: 1, N: 9})
	m.Retire(3, thing{Key: 3, N: 9})
	m.Retire(4, thing{Key: 4, N: 9})
	m.Set(4, thing{Key: 4, N: 10})
	_, ok := m.Get(1)
	require.False(t, ok)
	require.False(t, byColor.Has("red"))
	require.Equal(t, []thing{{Key: 2}, {Key: 4, N: 10}}, m.Values())
	for _, want := range []thing{{Key: 1, N: 9}, {Key: 3, N: 9}, {Key: 4, N: 10}} {
		v, _ := next()
		require.Equal(t, want, v)
	}
	m.Set(2, thing{Key: 2, N: 3})
	v, _ = next()
	require.Equal(t, thing{Key: 2, N: 3}, v, "nothing came twice")

	late, stopLate := iter.Pull(m.Watch(t.Context()))
	defer stopLate()
	v, _ = late()
	require.Equal(t, 2, v.Key, "who comes later sees what is there")
}

// A reader that is slow gets the latest of each value, once, however often it changed.
func TestSlowReaderGetsTheLatest(t *testing.T) {
	m := watch.NewMap[int, thing]()
	m.Set(1, thing{Key: 1})
	next, stop := iter.Pull(m.Watch(t.Context()))
	defer stop()
	v, ok := next()
	require.True(t, ok)
	require.Equal(t, thing{Key: 1}, v)
	for n := range 1000 {
		m.Set(1, thing{Key: 1, N: n})
		m.Set(2, thing{Key: 2, N: n})
		m.Set(3, thing{Key: 3, N: n})
	}
	m.Delete(2)
	for _, want := range []thing{{Key: 1, N: 999}, {Key: 3, N: 999}} {
		v, ok := next()
		require.True(t, ok)
		require.Equal(t, want, v)
	}
	m.Set(4, thing{Key: 4})
	v, _ = next()
	require.Equal(t, thing{Key: 4}, v, "nothing came twice")
}

func TestWatchEndsWithTheLoop(t *testing.T) {
	m := watch.NewMap[int, thing]()
	for i := range 3 {
		m.Set(i, thing{Key: i})
	}
	for v := range m.Watch(t.Context()) {
		if v.Key == 1 {
			break
		}
	}
	require.Zero(t, watch.Watches(m))
}

// Many writers and readers: each reader ends with the last value of every key.
func TestEveryReaderSeesTheLastValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := watch.NewMap[int, thing]()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var readers [4]reader
		for i := range readers {
			go readers[i].run(m.Watch(ctx))
		}
		var writers sync.WaitGroup
		for key := range 8 {
			writers.Go(func() {
				for n := range 200 {
					m.Set(key, thing{Key: key, N: n})
				}
			})
		}
		writers.Wait()
		for i := range readers {
			last := map[int]int{}
			for _, v := range readers[i].take() {
				require.GreaterOrEqual(t, v.N, last[v.Key], "never an older one")
				last[v.Key] = v.N
			}
			require.Len(t, last, 8)
			for key, n := range last {
				require.Equal(t, 199, n, "key %d", key)
			}
		}
	})
}

// An index finds what a walk over all values would.
func TestIndexIsWhatAWalkFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := watch.NewMap[int, thing]()
		m.Set(1, thing{Key: 1, Color: "red"}) // before the index
		terms := func(v thing, under func(string)) {
			if v.Color != "" {
				under(v.Color)
				under(fmt.Sprint(v.N))
			}
		}
		x := watch.NewIndex(m, terms)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			key := rapid.IntRange(1, 5).Draw(t, "key")
			v := thing{Key: key, Color: rapid.SampledFrom([]string{"", "red", "blue"}).Draw(t, "color"), N: rapid.IntRange(0, 2).Draw(t, "n")}
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				m.Set(key, v)
			case 1:
				m.Update(key, func(thing) (thing, bool) { return v, rapid.Bool().Draw(t, "keep") })
			case 2:
				m.Delete(key)
			}
		}
		want := map[string][]thing{}
		for _, v := range m.Values() {
			terms(v, func(term string) { want[term] = append(want[term], v) })
		}
		require.Len(t, x.Terms(), len(want))
		for _, term := range []string{"", "red", "blue", "0", "1", "2"} {
			require.Equal(t, want[term], x.Find(term))
			require.Equal(t, len(want[term]) > 0, x.Has(term))
			first, ok := x.First(term)
			require.Equal(t, len(want[term]) > 0, ok)
			if ok {
				require.Equal(t, want[term][0], first)
			}
		}
	})
}
