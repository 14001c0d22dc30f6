package transfer

import (
	"sync"
	"time"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// plan says who fetches which segments of one pull. What is free goes to whoever
// asks first, in runs sized by the rate of who asks. When nothing is free any
// more, who is idle takes the end of what the slowest has yet to send: those
// segments are asked for twice, and the first to come counts.
type plan struct {
	size   uint64
	limits limits

	mu       sync.Mutex
	taken    *bao.Bitmap // held, or asked of somebody
	held     *bao.Bitmap // put
	free     uint64      // no segment before it is free
	jobs     map[*job]struct{}
	lanes    int    // that share what is left
	unplaced uint64 // segments that are not in the store
	finished chan struct{}
	changed  chan struct{} // closed and renewed when there may be work again
}

// job is one request: segments asked of one lane.
type job struct {
	lane  *lane
	runs  bao.Ranges
	count uint64 // segments in runs
	got   uint64 // of them have come in
	twice uint64 // of them, from the end, are asked of another too
}

// left is how many segments the job's lane alone is asked for.
func (j *job) left() uint64 { return j.count - min(j.count, j.got+j.twice) }

func newPlan(l limits, part blob.Partial, size uint64) *plan {
	n := bao.Segments(size)
	p := &plan{
		size: size, limits: l, taken: bao.FullBitmap(n), held: bao.FullBitmap(n),
		jobs: make(map[*job]struct{}), finished: make(chan struct{}), changed: make(chan struct{}),
	}
	for run := part.NextMissing(0, n); run.Count > 0; run = part.NextMissing(run.End(), n) {
		for i := run.First; i < run.End(); i++ {
			p.taken.Remove(i)
			p.held.Remove(i)
		}
	}
	if p.unplaced = n - p.held.Held(); p.unplaced == 0 {
		close(p.finished)
	}
	return p
}

// take is the next job for that lane; nil when there is none now.
func (p *plan) take(l *lane) *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	want := p.wantedBy(l)
	runs := p.takeFree(want)
	if len(runs) == 0 {
		runs = p.takeFromSlowest(l, want)
	}
	if len(runs) == 0 {
		return nil
	}
	j := &job{lane: l, runs: runs, count: runs.Segments()}
	p.jobs[j] = struct{}{}
	return j
}

// wantedBy is how many segments that lane should be asked for: what it sends in
// runFor, but near the end not more than its share of half of what is free, so
// that all end together, nor less than what it sends in a round trip, so that none
// waits for what it asked for.
func (p *plan) wantedBy(l *lane) uint64 {
	want, least := p.limits.firstRun, p.limits.leastRun
	if r := l.rate.bytesPerSecond(); r > 0 {
		trip := l.roundTrip()
		want = segmentsIn(r, p.limits.runFor(trip))
		least = max(least, segmentsIn(r, trip))
	}
	share := (p.taken.Len() - p.taken.Held()) / uint64(2*max(1, p.lanes))
	return min(max(min(want, share), least), p.limits.lastRun)
}

// segmentsIn is how many whole segments come in d at a rate in bytes a second.
func segmentsIn(rate float64, d time.Duration) uint64 {
	return uint64(rate*d.Seconds()) / bao.SegmentSize
}

// takeFree marks and returns at most want free segments.
func (p *plan) takeFree(want uint64) (runs bao.Ranges) {
	for want > 0 && len(runs) < MaxRanges {
		run := p.taken.NextMissing(p.free, want)
		p.free = run.End()
		if run.Count == 0 {
			break
		}
		for i := run.First; i < run.End(); i++ {
			p.taken.Add(i)
		}
		runs, want = append(runs, run), want-run.Count
	}
	return runs
}

// takeFromSlowest is the second half of what the lane that would be ready last
// has yet to send, if l would have it clearly earlier.
func (p *plan) takeFromSlowest(l *lane, want uint64) bao.Ranges {
	var victim *job
	latest := time.Duration(0)
	for j := range p.jobs {
		if j.lane == l || j.left() == 0 {
			continue
		}
		if eta := j.lane.timeFor(j.left()) + j.lane.quiet(); eta > latest {
			victim, latest = j, eta
		}
	}
	if victim == nil {
		return nil
	}
	n := victim.left()
	if n > p.limits.leastRun {
		n = min((n+1)/2, max(want, p.limits.leastRun))
	}
	factor := p.limits.tailFactor
	if victim.lane.source == l.source { // they share a path: only one that stalls is worth it
		factor *= 4
	}
	if latest < max(p.limits.tailTime, factor*l.timeFor(n)) {
		return nil
	}
	end := victim.count - victim.twice
	runs := p.missing(cut(victim.runs, end-n, end))
	victim.twice += n
	return runs
}

// missing are the runs without what is held.
func (p *plan) missing(runs bao.Ranges) (out bao.Ranges) {
	for _, r := range runs {
		for from := r.First; from < r.End(); {
			m := p.held.NextMissing(from, r.End()-from)
			if m.Count == 0 || m.First >= r.End() || len(out) == MaxRanges {
				break
			}
			m.Count = min(m.Count, r.End()-m.First)
			out, from = append(out, m), m.End()
		}
	}
	return out
}

// cut are segments from up to, not including, to of the segments in runs.
func cut(runs bao.Ranges, from, to uint64) (out bao.Ranges) {
	at := uint64(0)
	for _, r := range runs {
		lo, hi := max(from, at), min(to, at+r.Count)
		if lo < hi {
			out = append(out, bao.Range{First: r.First + lo - at, Count: hi - lo})
		}
		at += r.Count
	}
	return out
}

// arrived counts a segment that came in for j, before it is verified.
func (p *plan) arrived(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.got++
}

// end forgets j and frees what did not come in.
func (p *plan) end(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.jobs, j)
	p.release(cut(j.runs, j.got, j.count))
}

// reject frees a segment that was not what it must be.
func (p *plan) reject(i uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(bao.Ranges{{First: i, Count: 1}})
}

func (p *plan) release(runs bao.Ranges) {
	freed := false
	for _, r := range runs {
		for i := r.First; i < r.End(); i++ {
			if !p.held.Has(i) {
				p.taken.Remove(i)
				p.free, freed = min(p.free, i), true
			}
		}
	}
	if freed {
		p.broadcast()
	}
}

// wake wakes who waits for the plan.
func (p *plan) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broadcast()
}

// broadcast wakes who waits for work; p.mu is held.
func (p *plan) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// hasChanged is closed when take may have something again.
func (p *plan) hasChanged() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// claim is true for the first who has a verified segment i: it must put it.
func (p *plan) claim(i uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held.Has(i) {
		return false
	}
	p.held.Add(i)
	p.taken.Add(i)
	return true
}

// has reports whether segment i is held.
func (p *plan) has(i uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held.Has(i)
}

// placed counts a claimed segment that is in the store; the last ends the plan.
func (p *plan) placed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unplaced--; p.unplaced == 0 {
		close(p.finished)
	}
}

// missingBytes is about how much is not held.
func (p *plan) missingBytes() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return (p.held.Len() - p.held.Held()) * bao.SegmentSize
}

// join counts a lane that shares what is left, or with -1 one that does not any
// more.
func (p *plan) join(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lanes += n
}
