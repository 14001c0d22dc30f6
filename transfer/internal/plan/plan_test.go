package plan

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/exchange/bao"
)

const (
	seg       = bao.SegmentSize
	maxRanges = 64
	maxRun    = 256
)

// worker is a Worker that says what a test wants.
type worker struct {
	rate             float64 // segments a second
	roundTrip, quiet time.Duration
	path             any
}

func (w *worker) Rate() float64            { return w.rate * seg }
func (w *worker) RoundTrip() time.Duration { return w.roundTrip }
func (w *worker) Silence() time.Duration   { return w.quiet }
func (w *worker) Path() any                { return w.path }

// bitmap is a Store.
type bitmap struct{ *bao.Bitmap }

// newPlan plans a blob of n segments of which some are stored.
func newPlan(n uint64, stored ...uint64) *Plan {
	b := bao.NewBitmap(n)
	for _, i := range stored {
		b.Add(i)
	}
	return New(DefaultLimits(maxRanges, maxRun), n*seg, bitmap{b})
}

// bring has a worker bring the next n segments of its job.
func bring(p *Plan, j *Job, n uint64) {
	for i := range segments(cut(j.Runs, j.arrived, j.arrived+n)) {
		p.Arrived(j)
		if p.Hold(i) {
			p.Stored()
		}
	}
}

// segments yields each segment of runs.
func segments(runs bao.Ranges) func(func(uint64) bool) {
	return func(yield func(uint64) bool) {
		for _, r := range runs {
			for i := r.First; i < r.End(); i++ {
				if !yield(i) {
					return
				}
			}
		}
	}
}

func TestEachMissingSegmentIsTakenOnce(t *testing.T) {
	p := newPlan(1000, 0, 5, 6, 7, 500, 999)
	w := &worker{rate: 1}
	seen := map[uint64]bool{}
	for j := p.Take(w); j != nil; j = p.Take(w) {
		require.NoError(t, j.Runs.Check())
		require.LessOrEqual(t, j.count, uint64(maxRun))
		for i := range segments(j.Runs) {
			require.False(t, seen[i])
			seen[i] = true
		}
		bring(p, j, j.count)
		p.End(j)
	}
	require.Len(t, seen, 994)
	require.True(t, p.Completed())
	require.Zero(t, p.MissingBytes())
}

func TestNothingIsMissing(t *testing.T) {
	require.True(t, newPlan(2, 0, 1).Completed())
	require.Nil(t, newPlan(2, 0, 1).Take(&worker{}))
	require.False(t, newPlan(2, 0).Completed())
}

// TestHolesFillRequests: a job has as many ranges as a request may have, and no more.
func TestHolesFillRequests(t *testing.T) {
	var stored []uint64
	for i := uint64(0); i < 1000; i += 2 {
		stored = append(stored, i)
	}
	p := newPlan(1000, stored...)
	j := p.Take(&worker{rate: 1e6})
	require.Len(t, j.Runs, maxRanges)
	require.EqualValues(t, maxRanges, j.count)
}

func TestSizeOfAJob(t *testing.T) {
	for name, c := range map[string]struct {
		worker  worker
		workers int
		n       uint64
		want    uint64
	}{
		"unknown rate":              {worker{}, 1, 10000, 64},
		"half a second":             {worker{rate: 100}, 1, 10000, 50},
		"slow":                      {worker{rate: 1}, 1, 10000, 4},
		"fast":                      {worker{rate: 10000}, 1, 10000, 256},
		"five round trips":          {worker{rate: 100, roundTrip: 200 * time.Millisecond}, 1, 10000, 100},
		"half of what is free":      {worker{rate: 100}, 1, 60, 30},
		"its share of that":         {worker{rate: 100}, 3, 60, 10},
		"not less than a trip's":    {worker{rate: 100, roundTrip: 200 * time.Millisecond}, 3, 60, 20},
		"not less than the minimum": {worker{rate: 100}, 30, 60, 4},
		"all there is":              {worker{rate: 100}, 1, 3, 3},
	} {
		p := newPlan(c.n)
		p.Join(c.workers)
		require.Equal(t, c.want, p.Take(&c.worker).count, name)
	}
}

// TestSlowestIsHelped: an idle worker asks for the end of what the slowest owes, the
// first copy counts, and what it brought is not asked for a third time.
func TestSlowestIsHelped(t *testing.T) {
	p := newPlan(64)
	slow, fast := &worker{rate: 1, path: "a"}, &worker{rate: 100, roundTrip: time.Second, path: "b"}
	p.limits.LeastRun = 64
	owed := p.Take(slow)
	require.Equal(t, bao.Ranges{{First: 0, Count: 64}}, owed.Runs)
	p.limits.LeastRun = 4
	bring(p, owed, 4)

	help := p.Take(fast)
	require.Equal(t, bao.Ranges{{First: 34, Count: 30}}, help.Runs, "the second half of sixty")
	bring(p, help, 30)
	p.End(help)
	require.False(t, p.Hold(63), "it is held")

	help = p.Take(fast)
	require.Equal(t, bao.Ranges{{First: 19, Count: 15}}, help.Runs)
	p.End(help) // it brought nothing
	require.NotNil(t, p.Take(fast), "so that is free again")
}

func TestWhoIsHelped(t *testing.T) {
	for name, c := range map[string]struct {
		slow   worker
		helped bool
	}{
		"much slower":         {worker{rate: 10, path: "a"}, true},
		"nearly done":         {worker{rate: 250, path: "a"}, false},
		"of unknown rate":     {worker{path: "a"}, true},
		"stalling":            {worker{rate: 100, quiet: 2 * time.Second, path: "a"}, true},
		"silent for a moment": {worker{rate: 250, quiet: time.Second, path: "a"}, false},
		"slower on one path":  {worker{rate: 60, path: "b"}, false},
		"stalling on it":      {worker{rate: 100, quiet: 2 * time.Second, path: "b"}, true},
	} {
		p := newPlan(16)
		p.limits.LeastRun = 16
		require.EqualValues(t, 16, p.Take(&c.slow).count)
		p.limits.LeastRun = 4
		require.Equal(t, c.helped, p.Take(&worker{rate: 100, path: "b"}) != nil, name)
	}
}

func TestLittleDelayIsNotWorthASecondCopy(t *testing.T) {
	p := newPlan(4)
	require.NotNil(t, p.Take(&worker{rate: 100, path: "a"})) // 40 ms
	require.Nil(t, p.Take(&worker{rate: 1e6, path: "b"}))
}

// TestFreedSegmentsWakeWaiters: what did not come in and what was wrong is taken again.
func TestFreedSegmentsWakeWaiters(t *testing.T) {
	woken := func(changed <-chan struct{}) bool {
		select {
		case <-changed:
			return true
		default:
			return false
		}
	}
	p := newPlan(10)
	p.limits.LeastRun = 10
	w := &worker{rate: 1}
	j := p.Take(w)
	bring(p, j, 7)
	changed := p.Changed()
	p.End(j)
	require.True(t, woken(changed))
	require.Equal(t, bao.Ranges{{First: 7, Count: 3}}, p.Take(w).Runs)

	changed = p.Changed()
	p.Reject(2) // held: a bad second copy takes nothing away
	require.False(t, woken(changed))
	p.Reject(8)
	require.True(t, woken(changed))
	require.Equal(t, bao.Ranges{{First: 8, Count: 1}}, p.Take(w).Runs)

	changed = p.Changed()
	p.Wake()
	require.True(t, woken(changed))
}

// TestPlanAgainstAnyWorkers has workers take jobs, bring parts of them, bring what is
// wrong, and die: whatever happens every segment is stored once, and nothing is lost.
func TestPlanAgainstAnyWorkers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 300).Draw(t, "segments")
		p := newPlan(n, rapid.SliceOfN(rapid.Uint64Range(0, n-1), 0, 20).Draw(t, "stored")...)
		p.limits.FirstRun, p.limits.MaxRanges = 16, 4
		missing := p.held.Len() - p.held.Held()
		workers := make([]*worker, rapid.IntRange(1, 5).Draw(t, "workers"))
		for i := range workers {
			workers[i] = &worker{rate: rapid.Float64Range(0, 1000).Draw(t, "rate"), path: i % 2}
		}
		var jobs []*Job
		var stored uint64
		for step := 0; !p.Completed(); step++ {
			honest := step > 100 // then no more accidents
			if j := p.Take(workers[rapid.IntRange(0, len(workers)-1).Draw(t, "worker")]); j != nil {
				require.NoError(t, j.Runs.Check())
				require.LessOrEqual(t, len(j.Runs), 4)
				jobs = append(jobs, j)
			}
			if len(jobs) == 0 {
				continue
			}
			at := rapid.IntRange(0, len(jobs)-1).Draw(t, "job")
			j := jobs[at]
			brought := j.count - j.arrived
			if !honest {
				brought = rapid.Uint64Range(0, brought).Draw(t, "brought")
			}
			for i := range segments(cut(j.Runs, j.arrived, j.arrived+brought)) {
				p.Arrived(j)
				switch {
				case !honest && rapid.IntRange(0, 9).Draw(t, "wrong") == 0:
					p.Reject(i)
				case p.Hold(i):
					require.True(t, p.Holds(i))
					stored++
					p.Stored()
				}
			}
			if honest || j.arrived == j.count || rapid.Bool().Draw(t, "dies") {
				p.End(j)
				jobs = append(jobs[:at], jobs[at+1:]...)
			}
			require.Less(t, step, 10000)
		}
		require.Equal(t, missing, stored)
		require.Zero(t, p.MissingBytes())
	})
}
