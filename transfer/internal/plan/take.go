package plan

import (
	"time"

	"github.com/medibloc/pdx/exchange/bao"
)

// Take returns the next job for a worker, nil when there is none now.
func (p *Plan) Take(w Worker) *Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	want := p.wanted(w)
	runs := p.takeFree(want)
	if len(runs) == 0 {
		runs = p.takeFromSlowest(w, want)
	}
	if len(runs) == 0 {
		return nil
	}
	j := &Job{worker: w, Runs: runs, count: runs.Segments()}
	p.jobs[j] = struct{}{}
	return j
}

// wanted is how many segments a worker should be asked for: what it brings in a run
// time. Near the end it is not more than its share of half of what is free, so that
// all workers end together, nor less than what it brings in a round trip, so that it
// does not wait for what it asked for.
func (p *Plan) wanted(w Worker) uint64 {
	want, least := p.limits.FirstRun, p.limits.LeastRun
	if rate := w.Rate(); rate > 0 {
		trip := w.RoundTrip()
		want = segmentsIn(rate, p.limits.runTime(trip))
		least = max(least, segmentsIn(rate, trip))
	}
	share := (p.taken.Len() - p.taken.Held()) / uint64(2*max(1, p.workers))
	return min(max(min(want, share), least), p.limits.MostRun)
}

// segmentsIn is how many whole segments come in d at a rate in bytes a second.
func segmentsIn(rate float64, d time.Duration) uint64 {
	return uint64(rate*d.Seconds()) / bao.SegmentSize
}

// takeFree marks and returns at most want free segments.
func (p *Plan) takeFree(want uint64) (runs bao.Ranges) {
	for want > 0 && len(runs) < p.limits.MaxRanges {
		run := p.taken.NextMissing(p.firstGap, want)
		p.firstGap = run.End()
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

// takeFromSlowest returns the end of what the worker that will be ready last has yet
// to bring, at most half of it, if w would bring it clearly earlier.
func (p *Plan) takeFromSlowest(w Worker, want uint64) bao.Ranges {
	slowest, latest := p.slowest(w)
	if slowest == nil {
		return nil
	}
	n := slowest.owed()
	if n > p.limits.LeastRun {
		n = min((n+1)/2, max(want, p.limits.LeastRun))
	}
	factor := p.limits.TailFactor
	if slowest.worker.Path() == w.Path() {
		factor = p.limits.SharedTailFactor
	}
	if latest < max(p.limits.TailTime, time.Duration(factor)*p.limits.timeFor(w, n)) {
		return nil
	}
	end := slowest.count - slowest.shared
	slowest.shared += n
	return p.missing(cut(slowest.Runs, end-n, end))
}

// slowest returns the job of another worker that is expected to end last, and in
// what time.
func (p *Plan) slowest(than Worker) (slowest *Job, latest time.Duration) {
	for j := range p.jobs {
		if j.worker == than || j.owed() == 0 {
			continue
		}
		if eta := p.limits.timeFor(j.worker, j.owed()) + p.limits.stall(j.worker); eta > latest {
			slowest, latest = j, eta
		}
	}
	return slowest, latest
}

// missing returns the runs without what is held.
func (p *Plan) missing(runs bao.Ranges) (out bao.Ranges) {
	for _, r := range runs {
		for from := r.First; from < r.End(); {
			m := p.held.NextMissing(from, r.End()-from)
			if m.Count == 0 || m.First >= r.End() || len(out) == p.limits.MaxRanges {
				break
			}
			m.Count = min(m.Count, r.End()-m.First)
			out, from = append(out, m), m.End()
		}
	}
	return out
}

// cut returns the segments from index from up to, not including, to of those in runs.
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
