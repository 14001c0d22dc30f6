package buyer

import (
	"context"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/watch"
)

// feed has the pulls as they are now, for lists and watchers.
type feed struct {
	pulls  *watch.Map[pdx.DealID, model.Pull]
	needed pullIndex[pdx.ContentID] // by the ciphertext that must stay
	ofPool pullIndex[pdx.PoolID]
	live   pullIndex[pdx.PoolID] // not done
}

type pullIndex[T comparable] = *watch.Index[T, pdx.DealID, model.Pull]

func newFeed() *feed {
	pulls := watch.NewMap[pdx.DealID, model.Pull]()
	return &feed{
		pulls: pulls,
		// Pulls that go on need their ciphertext, and those that failed keep it as evidence.
		needed: watch.NewIndex(pulls, func(p model.Pull, under func(pdx.ContentID)) {
			if !p.State.Done() || p.State == model.PullFailed {
				under(p.Root)
			}
		}),
		ofPool: watch.NewIndex(pulls, func(p model.Pull, under func(pdx.PoolID)) { under(p.Pool) }),
		live: watch.NewIndex(pulls, func(p model.Pull, under func(pdx.PoolID)) {
			if !p.State.Done() {
				under(p.Pool)
			}
		}),
	}
}

func (f *feed) get(id pdx.DealID) (model.Pull, bool) { return f.pulls.Get(id) }
func (f *feed) set(p model.Pull)                     { f.pulls.Set(p.Deal, p) }

// shares reports whether another deal needs the same ciphertext.
func (f *feed) shares(p model.Pull) bool {
	for _, other := range f.needed.Find(p.Root) {
		if other.Deal != p.Deal {
			return true
		}
	}
	return false
}

// list is every deal of a pool, or of all with 0, by number.
func (f *feed) list(pool pdx.PoolID) []model.Pull {
	if pool == 0 {
		return f.pulls.Values()
	}
	return f.ofPool.Find(pool)
}

// reason shows why a deal that is at a state waits.
func (f *feed) reason(id pdx.DealID, state model.PullState, reason string) {
	f.pulls.Update(id, func(p model.Pull) (model.Pull, bool) {
		p.Reason = reason
		return p, p.State == state
	})
}

// Pulls lists this buyer's deals of a pool (0 for all pools), by number. Those that
// wait for an order, or for a key that is lost, have the deal's state and a reason.
func (s *Service) Pulls(pool pdx.PoolID) []model.Pull {
	return s.notes.among(s.feed.list(pool), pool)
}

// Pulled is a deal of this buyer's as it is now; false for one that is not pulled here.
func (s *Service) Pulled(id pdx.DealID) (p model.Pull, ok bool) { return s.feed.get(id) }

// Changes yields every deal as it is and then those that change, until ctx ends or
// the loop is left. A slow reader gets the latest of each deal.
func (s *Service) Changes(ctx context.Context) iter.Seq[model.Pull] { return s.feed.pulls.Watch(ctx) }
