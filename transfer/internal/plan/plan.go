package plan

import (
	"sync"
	"time"

	"github.com/medibloc/pdx/exchange/bao"
)

// A Worker fetches the segments of one job after another.
type Worker interface {
	// Rate is how many bytes it brings in a second; 0 while that is not known.
	Rate() float64
	// RoundTrip is how long an answer takes to begin; 0 while that is not known.
	RoundTrip() time.Duration
	// Silence is for how long it has brought nothing.
	Silence() time.Duration
	// Path is comparable, and the same for workers that share a path.
	Path() any
}

// A Store knows which segments are there already.
type Store interface {
	// NextMissing is the first run of missing segments from a segment on, of at most
	// limit segments; its Count is 0 when there is none.
	NextMissing(from, limit uint64) bao.Range
}

// A Plan shares the segments of one blob among workers.
type Plan struct {
	limits   Limits
	complete chan struct{} // closed when every segment is stored

	mu       sync.Mutex // guards the fields below
	taken    *bao.Bitmap
	held     *bao.Bitmap // verified; taken too
	firstGap uint64      // no segment before it is free
	jobs     map[*Job]struct{}
	workers  int           // that share what is left
	unstored uint64        // segments that are not in the store
	changed  chan struct{} // closed and renewed when there may be work again
}

// A Job is what one request asks of a worker.
type Job struct {
	// Runs are the segments that are asked for, in order.
	Runs bao.Ranges

	worker  Worker
	count   uint64 // segments in Runs
	arrived uint64 // of them have come in
	shared  uint64 // of them, from the end, are asked of another worker too
}

// owed is how many segments only the job's worker is asked for.
func (j *Job) owed() uint64 { return j.count - min(j.count, j.arrived+j.shared) }

// New plans the pull of a blob of size bytes into a store.
func New(l Limits, size uint64, store Store) *Plan {
	n := bao.Segments(size)
	p := &Plan{
		limits: l, taken: bao.FullBitmap(n), held: bao.FullBitmap(n), jobs: make(map[*Job]struct{}),
		complete: make(chan struct{}), changed: make(chan struct{}),
	}
	for run := store.NextMissing(0, n); run.Count > 0; run = store.NextMissing(run.End(), n) {
		for i := run.First; i < run.End(); i++ {
			p.taken.Remove(i)
			p.held.Remove(i)
		}
	}
	if p.unstored = n - p.held.Held(); p.unstored == 0 {
		close(p.complete)
	}
	return p
}

// Join counts a worker that shares what is left, or with -1 one that no longer does.
func (p *Plan) Join(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers += n
}

// Complete is closed when every segment is stored.
func (p *Plan) Complete() <-chan struct{} { return p.complete }

// Completed reports whether every segment is stored.
func (p *Plan) Completed() bool {
	select {
	case <-p.complete:
		return true
	default:
		return false
	}
}

// Changed is closed when Take may have something again. Ask for it before Take.
func (p *Plan) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// Wake wakes everybody who waits for Changed.
func (p *Plan) Wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
}

// wake wakes everybody who waits for work; p.mu is held.
func (p *Plan) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Arrived counts a segment that came in for a job, before it is verified.
func (p *Plan) Arrived(j *Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.arrived++
}

// End forgets a job and frees what did not come in.
func (p *Plan) End(j *Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.jobs, j)
	p.release(cut(j.Runs, j.arrived, j.count))
}

// Reject frees a segment that was not what it must be.
func (p *Plan) Reject(i uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(bao.Ranges{{First: i, Count: 1}})
}

// release frees the segments that are not held; p.mu is held.
func (p *Plan) release(runs bao.Ranges) {
	freed := false
	for _, r := range runs {
		for i := r.First; i < r.End(); i++ {
			if !p.held.Has(i) {
				p.taken.Remove(i)
				p.firstGap, freed = min(p.firstGap, i), true
			}
		}
	}
	if freed {
		p.wake()
	}
}

// Hold notes that segment i is verified. It is true for the first copy only, which
// the caller must store.
func (p *Plan) Hold(i uint64) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held.Has(i) {
		return false
	}
	p.held.Add(i)
	p.taken.Add(i)
	return true
}

// Holds reports whether segment i is verified.
func (p *Plan) Holds(i uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held.Has(i)
}

// Stored counts a held segment that is in the store. The last one completes the plan.
func (p *Plan) Stored() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unstored--; p.unstored == 0 {
		close(p.complete)
	}
}

// MissingBytes is about how many bytes are not held.
func (p *Plan) MissingBytes() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return (p.held.Len() - p.held.Held()) * bao.SegmentSize
}
