package plan

import (
	"time"

	"github.com/medibloc/pdx/exchange/bao"
)

// Limits are the numbers of a plan. They are not configuration: tests change them.
type Limits struct {
	// MaxRanges is the most ranges of one job: what the protocol allows in a request.
	MaxRanges int

	// FirstRun is how many segments a worker is asked for before its rate is known.
	// Then it is RunTime's worth, from LeastRun to MostRun segments. MostRun is what
	// the protocol allows. LeastRun keeps the 64-byte nodes of a slice below 0.5 %, and
	// lets streams of 100 Mbit/s end within 20 ms of each other.
	FirstRun, LeastRun, MostRun uint64
	RunTime                     time.Duration

	// RunTrips is how many round trips a run lasts at least: a path that has just
	// begun doubles its rate in each, and must not run out of what it was asked for
	// at the rate of two trips ago.
	RunTrips int

	// TailFactor is how many times later than the asking worker another must be
	// expected before what it owes is asked for twice. SharedTailFactor is the same for
	// workers of one path: only one that stalls is worth it. TailTime is the least
	// delay for which that is done.
	TailFactor, SharedTailFactor int
	TailTime                     time.Duration

	// UnknownTime is how long a worker of unknown rate is expected to take.
	UnknownTime time.Duration

	// QuietTime is after which a worker that brings nothing counts as stalling:
	// then it is expected to take StallFactor times its silence longer.
	QuietTime   time.Duration
	StallFactor int
}

// DefaultLimits are the limits for a protocol that allows so many ranges and
// segments in a request.
func DefaultLimits(maxRanges int, maxSegments uint64) Limits {
	return Limits{
		MaxRanges:        maxRanges,
		FirstRun:         64,
		LeastRun:         4,
		MostRun:          maxSegments,
		RunTime:          500 * time.Millisecond,
		RunTrips:         5,
		TailFactor:       2,
		SharedTailFactor: 8,
		TailTime:         50 * time.Millisecond,
		UnknownTime:      time.Second,
		QuietTime:        time.Second,
		StallFactor:      10,
	}
}

// runTime is how much time's worth a worker of that round-trip time is asked for.
func (l Limits) runTime(roundTrip time.Duration) time.Duration {
	return max(l.RunTime, time.Duration(l.RunTrips)*roundTrip)
}

// timeFor is how long a worker takes for n segments, by its rate.
func (l Limits) timeFor(w Worker, n uint64) time.Duration {
	rate := w.Rate()
	if rate < 1 {
		return l.UnknownTime
	}
	return time.Duration(float64(n*bao.SegmentSize) / rate * float64(time.Second))
}

// stall is how much longer than its rate says a worker is expected to take, because
// it has been silent for long.
func (l Limits) stall(w Worker) time.Duration {
	if silence := w.Silence(); silence > l.QuietTime {
		return time.Duration(l.StallFactor) * silence
	}
	return 0
}
