package seller

import (
	"time"

	"github.com/medibloc/pdx/internal/backoff"
)

// pace decides how many inquiries one validator has at once and when the next
// may start. It learns from the answers: the window grows by one for each window
// of verdicts and is halved when the validator is busy (AIMD). A validator that
// cannot be reached gets one inquiry at a time, whatever waits for it.
//
// It is not safe for concurrent use; its queue's mutex guards it.
type pace struct {
	slots  int       // inquiries that the validator says it takes from this seller; 0 if it does not say
	window float64   // inquiries that it took so far
	lost   int       // times in a row that it could not be reached
	busy   int       // times in a row that it was busy
	resume time.Time // no inquiry starts before
	epoch  int       // number of cuts of the window
}

func newPace() pace { return pace{window: firstWindow} }

// limit is how many inquiries may be in work at once.
func (p *pace) limit() int {
	if p.lost > 0 {
		return 1
	}
	return max(1, int(p.window))
}

// wait is how long no inquiry may start.
func (p *pace) wait(now time.Time) time.Duration { return max(0, p.resume.Sub(now)) }

// heard notes a sign of life, and the slots that came with it, if any.
func (p *pace) heard(slots int) {
	if p.lost > 0 { // it is back: nothing waits for the next probe
		p.lost, p.resume = 0, time.Time{}
	}
	if slots <= 0 {
		return
	}
	slots = min(slots, maxWindow)
	if p.slots == 0 && p.epoch == 0 { // nothing is known that is better
		p.window = float64(slots)
	}
	p.slots = slots
	p.window = min(p.window, float64(slots))
}

// answered notes a verdict, or a refusal of one deal: a slot was free for it.
func (p *pace) answered() {
	p.lost, p.busy = 0, 0
	most := maxWindow
	if p.slots > 0 {
		most = p.slots
	}
	p.window = min(p.window+1/p.window, float64(most))
}

// refused notes that no slot was free for an inquiry of the given epoch. The
// inquiries that were in flight together cut the window once.
func (p *pace) refused(now time.Time, epoch int, after time.Duration) {
	p.lost = 0
	if epoch == p.epoch {
		p.epoch++
		p.window = max(1, p.window/2)
		p.busy++
	}
	if after <= 0 {
		after = busyPause.After(max(p.busy-1, 0))
	}
	p.hold(now, min(after, busyPause.Most))
}

// unreachable notes that nobody answered an inquiry of the given epoch.
func (p *pace) unreachable(now time.Time, epoch int) {
	if epoch == p.epoch {
		p.epoch++
		p.lost++
	}
	p.hold(now, retryPause.After(max(p.lost-1, 0)))
}

// hold lets nothing start for about d. An earlier, longer hold stays.
func (p *pace) hold(now time.Time, d time.Duration) {
	if at := now.Add(backoff.Jitter(d)); at.After(p.resume) {
		p.resume = at
	}
}
