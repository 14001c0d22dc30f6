package buyer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// InProgress lists this buyer's deals that are not done, by number: those of a pool, or all
// with 0. Those that wait for an order, or for a key that is lost, have the deal's state and
// a reason.
func (s *Service) InProgress(pool pdx.PoolID) []model.Pull {
	pulls := s.feed.pulls.Values()
	if pool != 0 {
		pulls = s.feed.ofPool.Find(pool)
	}
	return s.notes.among(pulls, pool)
}

// ListPulls lists a page of this buyer's deals of a pool (0 for all pools), by number, and
// the cursor of the next page, "" at the end. Deals that wait for an order are among them,
// as in InProgress.
func (s *Service) ListPulls(ctx context.Context, pool pdx.PoolID, p model.Page) (list []model.Pull, next string, err error) {
	at, err := dealAt(p.Cursor)
	if err != nil {
		return nil, "", err
	}
	q, more := pullsAfter(pool, at, p), ""
	for first := true; first || len(list) == 0 && more != ""; first = false { // a page may be of damaged rows only
		if list, more, err = s.pulls.Page(ctx, q, more); err != nil {
			return nil, "", err
		}
	}
	before := func(a, b pdx.DealID) bool { return a < b != p.Reverse && a != b }
	var end pdx.DealID
	if more != "" {
		end = list[len(list)-1].Deal
	}
	now := slices.DeleteFunc(s.InProgress(pool), func(pull model.Pull) bool {
		return at != 0 && !before(at, pull.Deal) || end != 0 && before(end, pull.Deal)
	})
	list = overlaid(list, now)
	if p.Reverse {
		slices.Reverse(list)
	}
	if len(list) > p.Limit || more != "" {
		list = list[:min(len(list), p.Limit)]
		next = list[len(list)-1].Deal.String()
	}
	return list, next, nil
}

// overlaid are stored pulls and those in progress, by number. What is in progress counts: it
// has what is not stored, and is here even if its row is damaged.
func overlaid(stored, now []model.Pull) []model.Pull {
	byDeal := make(map[pdx.DealID]model.Pull, len(stored)+len(now))
	for _, p := range slices.Concat(stored, now) {
		byDeal[p.Deal] = p
	}
	return slices.SortedFunc(maps.Values(byDeal), func(a, b model.Pull) int { return cmp.Compare(a.Deal, b.Deal) })
}

// dealAt is the deal at which an earlier page ended, 0 for none.
func dealAt(cursor string) (pdx.DealID, error) {
	n, err := strconv.ParseUint(cmp.Or(cursor, "0"), 10, 63)
	if err != nil || cursor == "0" {
		return 0, fmt.Errorf("%w: cursor %q: use one that the list before it gave", pdx.ErrInvalid, cursor)
	}
	return pdx.DealID(n), nil
}

// pullsAfter selects the pulls after a deal, 0 for none.
func pullsAfter(pool pdx.PoolID, at pdx.DealID, p model.Page) store.Query {
	q := store.Query{Field: "Deal", Limit: p.Limit, Reverse: p.Reverse}
	first := at + 1
	switch {
	case p.Reverse && at != 0:
		first = at - 1
	case p.Reverse:
		first = math.MaxInt64
	}
	q.From = int64(first)
	if pool == 0 {
		return q
	}
	q.Field, q.From, q.To = "Pool,Deal", store.Joined(uint64(pool), uint64(first)), store.Joined(uint64(pool)+1, 0)
	if p.Reverse {
		q.To = store.Joined(uint64(pool), 0)
	}
	return q
}

// Ended lists the pulls of a state that is done, by the number of their deals.
func (s *Service) Ended(ctx context.Context, state model.PullState) ([]model.Pull, error) {
	pulls, err := s.pulls.Find(ctx, "State", state)
	slices.SortFunc(pulls, func(a, b model.Pull) int { return cmp.Compare(a.Deal, b.Deal) })
	return pulls, err
}

// PoolInProgress is a pool of this buyer in which something is or will be left to do.
type PoolInProgress struct {
	ID       pdx.PoolID
	Criteria pdx.ContentID
}

// PoolsInProgress lists this buyer's pools that are open or have deals that go on, the
// newest first.
func (s *Service) PoolsInProgress(ctx context.Context) (list []PoolInProgress, err error) {
	creations, err := s.creations.Find(ctx, "Destroyed", false)
	for _, c := range creations {
		if c.Pool != 0 && !c.Over && len(c.Documents) > 0 {
			list = append(list, PoolInProgress{c.Pool, c.Documents[0]})
		}
	}
	slices.SortFunc(list, func(a, b PoolInProgress) int { return cmp.Compare(b.ID, a.ID) })
	return list, err
}

// RecentPools lists the newest pools of this buyer, open or not, at most that many.
func (s *Service) RecentPools(ctx context.Context, most int) (list []pdx.PoolID, err error) {
	creations, _, err := s.creations.Page(ctx, store.Query{Field: "Pool", To: int64(0), Limit: most, Reverse: true}, "")
	for _, c := range creations {
		list = append(list, c.Pool)
	}
	return list, err
}

// known is what is remembered of a deal; ok is false if that is nothing. A damaged record
// counts as nothing here, and is not written over.
func (s *Service) known(ctx context.Context, id pdx.DealID) (p model.Pull, ok bool, err error) {
	if p, ok = s.feed.get(id); ok {
		return p, true, nil
	}
	p, err = s.pulls.Get(ctx, id.String())
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		return model.Pull{}, false, nil
	}
	return p, err == nil, err
}

// isShared reports whether another deal needs the same ciphertext: one that goes on, or one
// that failed, of which it is evidence.
func (s *Service) isShared(ctx context.Context, p model.Pull) (bool, error) {
	for _, other := range s.feed.needed.Find(p.Root) {
		if other.Deal != p.Deal {
			return true, nil
		}
	}
	same, err := s.pulls.Find(ctx, "Root", p.Root)
	return slices.ContainsFunc(same, func(other model.Pull) bool {
		return other.Deal != p.Deal && (!other.State.Done() || other.State == model.PullFailed)
	}), err
}
