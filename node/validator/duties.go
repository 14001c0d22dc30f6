package validator

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/model"
)

// duties are the deals for which this validator was drawn and that wait for its
// verdict. Each costs its seller a deposit, so the chain bounds them.
type duties struct {
	since time.Time     // this validator is here, by the chain's clock; zero until that was read
	wake  notify.Signal // set when there are hints

	mu    sync.Mutex
	deals map[pdx.DealID]*duty
	hints map[pdx.DealID]struct{}
	all   bool
}

type duty struct {
	pool     pdx.PoolID
	deadline time.Time
	margin   time.Duration
	call     time.Time               // when it is looked at next, by the chain's clock
	came     bool                    // its seller asked
	trouble  error                   // of the last check
	cut      context.CancelCauseFunc // ends the gathering of what its check needs; nil while there is none
	late     bool                    // the verdict was due and could not be given
}

func newDuties() *duties {
	return &duties{wake: notify.New(), deals: map[pdx.DealID]*duty{}, hints: map[pdx.DealID]struct{}{}}
}

func (d *duties) add(deal pdx.Deal) *duty {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.deals[deal.ID]
	if known == nil {
		known = &duty{pool: deal.Pool, deadline: deal.DeadlineTime, margin: margin(deal), call: lastCall(deal)}
		d.deals[deal.ID] = known
	}
	return known
}

func (d *duties) has(id pdx.DealID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.deals[id] != nil
}

func (d *duties) done(id pdx.DealID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.deals, id)
}

// asked notes that the seller of a deal came, if it is a duty.
func (d *duties) asked(deal pdx.Deal) {
	if deal.Draw == nil {
		return
	}
	known := d.add(deal)
	d.mu.Lock()
	defer d.mu.Unlock()
	known.came, known.trouble = true, nil
}

// failed notes how a check ended without a verdict.
func (d *duties) failed(id pdx.DealID, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.deals[id]; known != nil && known.came {
		known.trouble = err
	}
}

// blameless is nil if what is missing for a verdict is not this machine's fault. If that is
// the record set of an earlier dataset, it returns which.
func (d *duties) blameless(id pdx.DealID) (missing pdx.RecordSet, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.deals[id]
	switch {
	case known == nil:
		return missing, ErrStopped
	case known.came && !ofOthers(known.trouble):
		return missing, cmp.Or(known.trouble, ErrBusy)
	case !known.came && (d.since.IsZero() || d.since.After(known.deadline.Add(-2*known.margin))):
		return missing, errUpBriefly(d.since)
	}
	return setOf(known.trouble), nil
}

// next is how long until the chain's clock is to be looked at: soon, where there are
// duties. No timer is armed for longer, since timers stop while a machine sleeps,
// and this machine's clock may be wrong.
func (d *duties) next() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait := dutyScan
	for _, known := range d.deals {
		wait = min(wait, dutyTick, max(time.Second, known.margin/dutyShare))
		if known.late {
			wait = min(wait, known.pause())
		}
	}
	return wait
}

// due are the deals whose verdict is due at a time of the chain.
func (d *duties) due(now time.Time) (ids []pdx.DealID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.since.IsZero() {
		d.since = now
	}
	for id, known := range d.deals {
		if !known.call.After(now) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// again puts a duty off for a little; one that is over is let go of.
func (d *duties) again(id pdx.DealID, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.deals[id]
	if known == nil {
		return
	}
	known.late, known.call = true, now.Add(known.pause())
	if now.Sub(known.deadline) > dutyMost { // nobody executed the deadline
		delete(d.deals, id)
	}
}

// pause is how long a verdict that is due and could not be given is put off.
func (d *duty) pause() time.Duration {
	return max(time.Second, min(dutyRetry, d.margin/dutyShare))
}

// gathers notes what ends the gathering of what a check needs; done forgets it.
func (d *duties) gathers(deal pdx.Deal, cut context.CancelCauseFunc) (done func()) {
	known := d.add(deal)
	d.mu.Lock()
	defer d.mu.Unlock()
	known.cut = cut
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		known.cut = nil
	}
}

// cut ends the gathering for a deal whose verdict is due.
func (d *duties) cut(id pdx.DealID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.deals[id]; known != nil && known.cut != nil {
		known.cut(errLast)
	}
}

func (d *duties) hint(id pdx.DealID) {
	d.mu.Lock()
	d.hints[id] = struct{}{}
	if len(d.hints) > dutyHints {
		d.all = true
		clear(d.hints)
	}
	d.mu.Unlock()
	d.wake.Set()
}

// hintAfter has a deal read again after a pause.
func (d *duties) hintAfter(id pdx.DealID, pause time.Duration) {
	time.AfterFunc(pause, func() { d.hint(id) })
}

// hintAll has all deals read again.
func (d *duties) hintAll() {
	d.mu.Lock()
	d.all = true
	d.mu.Unlock()
	d.wake.Set()
}

// hintAllAfter has all deals read again after a pause.
func (d *duties) hintAllAfter(pause time.Duration) {
	time.AfterFunc(pause, d.hintAll)
}

func (d *duties) hinted() (ids []pdx.DealID, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids, all = slices.Sorted(maps.Keys(d.hints)), d.all
	clear(d.hints)
	d.all = false
	return ids, all
}

func (d *duties) list() []model.Duty {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]model.Duty, 0, len(d.deals))
	for id, known := range d.deals {
		list = append(list, model.Duty{Deal: id, Pool: known.pool, Deadline: known.deadline, WaitsFor: known.waitsFor()})
	}
	slices.SortFunc(list, func(a, b model.Duty) int {
		return cmp.Or(a.Deadline.Compare(b.Deadline), cmp.Compare(a.Deal, b.Deal))
	})
	return list
}

func (d *duty) waitsFor() string {
	switch {
	case !d.came:
		return "its seller has not asked yet"
	case d.trouble != nil:
		return d.trouble.Error()
	}
	return ""
}
