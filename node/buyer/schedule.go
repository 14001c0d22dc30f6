package buyer

import (
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/workqueue"
)

// schedule decides which deal is worked on next.
type schedule = workqueue.Queue[pdx.DealID, pdx.PoolID]

// The classes of work. Each has slots of its own, so that nothing that is delivered
// waits for a pull: the time in which the chain takes a complaint runs from the
// delivery.
const (
	classPull workqueue.Class = iota // the deal that has waited longest comes first
	classOpen                        // the deal whose dispute ends first comes first
)

// outcome is what a step says about the next one.
type outcome = workqueue.Next

var (
	waits   = workqueue.Idle()                      // nothing to do until a hint
	done    = workqueue.Done()                      // nothing to do ever
	yields  = workqueue.Again()                     // again after the deals that wait
	lacks   = workqueue.Move(classPull)             // cannot be opened before it is pulled: ahead of all other pulls
	joins   = workqueue.Rejoin()                    // again when its batch has been pulled
	retries = workqueue.Retry()                     // failed; again after a while
	polls   = workqueue.After(signedAckPoll)        // waits for a hint, and polls
	hurries = workqueue.RetryWithin(hurriedBackoff) // failed with the dispute running; again soon
	full    = workqueue.After(fullBackoff)          // this machine is full; again after a longer while
)

// newSchedule returns the schedule of a buyer that works on a number of deals of
// each class at once.
func (s *Service) newSchedule(parallel int) (*schedule, error) {
	return workqueue.New(workqueue.Config[pdx.DealID, pdx.PoolID]{
		Classes: []workqueue.ClassConfig{
			classPull: {Slots: parallel},
			classOpen: {Slots: parallel, ByDeadline: true, Deadline: leastDispute},
		},
		Retry: retryPause,
		Step:  s.advance,
	})
}

// openNow makes a delivered deal due in the class of those. ends is when its dispute
// ends; zero while that is not known.
func (s *Service) openNow(pool pdx.PoolID, deal pdx.DealID, ends time.Time) {
	s.schedule.AddTo(classOpen, deal, pool, ends)
}
