package buyer

import (
	"context"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/watch"
)

// feed has the pulls in progress as they are now, for watchers. One that is done is in the
// table only, so memory and start do not grow with history.
type feed struct {
	pulls  *watch.Map[pdx.DealID, model.Pull]
	needed pullIndex[pdx.ContentID] // by the ciphertext
	ofPool pullIndex[pdx.PoolID]
	from   pullIndex[pdx.Address] // by seller
}

type pullIndex[T comparable] = *watch.Index[T, pdx.DealID, model.Pull]

func newFeed() *feed {
	pulls := watch.NewMap[pdx.DealID, model.Pull]()
	return &feed{
		pulls:  pulls,
		needed: watch.NewIndex(pulls, func(p model.Pull, under func(pdx.ContentID)) { under(p.Root) }),
		ofPool: watch.NewIndex(pulls, func(p model.Pull, under func(pdx.PoolID)) { under(p.Pool) }),
		from:   watch.NewIndex(pulls, func(p model.Pull, under func(pdx.Address)) { under(p.Seller) }),
	}
}

func (f *feed) get(id pdx.DealID) (model.Pull, bool) { return f.pulls.Get(id) }

// set shows a pull. One that is done is shown a last time.
func (f *feed) set(p model.Pull) {
	if p.State.Done() {
		f.pulls.Retire(p.Deal, p)
	} else {
		f.pulls.Set(p.Deal, p)
	}
}

// reason shows why a deal that is at a state waits.
func (f *feed) reason(id pdx.DealID, state model.PullState, reason string) {
	f.pulls.Update(id, func(p model.Pull) (model.Pull, bool) {
		p.Reason = reason
		return p, p.State == state
	})
}

// DealsWith reports whether an account is the seller of a deal that is not done.
func (s *Service) DealsWith(account pdx.Address) bool { return s.feed.from.Has(account) }

// Pulled returns a deal of this buyer's as it is now; false for one that is not pulled here.
func (s *Service) Pulled(ctx context.Context, id pdx.DealID) (p model.Pull, ok bool, err error) {
	return s.known(ctx, id)
}

// Changes yields every deal in progress as it is and then those that change, until ctx
// ends or the loop is left. A slow reader gets the latest of each deal.
func (s *Service) Changes(ctx context.Context) iter.Seq[model.Pull] { return s.feed.pulls.Watch(ctx) }
