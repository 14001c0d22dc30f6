package validator

import (
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// sweeps are deals that wait to be looked at. They are some of those that have a
// record, so they are bounded as the records are.
type sweeps struct {
	wake notify.Signal // set when there are some

	mu    sync.Mutex
	deals map[pdx.DealID]struct{}
	all   bool
}

func newSweeps() *sweeps {
	return &sweeps{wake: notify.New(), deals: map[pdx.DealID]struct{}{}}
}

// hint has one deal looked at soon.
func (s *sweeps) hint(id pdx.DealID) {
	s.putBack([]pdx.DealID{id})
	s.wake.Set()
}

// hintAll has all deals looked at soon.
func (s *sweeps) hintAll() {
	s.mu.Lock()
	s.all = true
	s.mu.Unlock()
	s.wake.Set()
}

// putBack keeps deals for the next sweep, without waking it.
func (s *sweeps) putBack(ids []pdx.DealID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.deals[id] = struct{}{}
	}
}

// take empties the hints and returns their deals, in order; all is every deal that
// has a record.
func (s *sweeps) take(all func() []pdx.DealID) []pdx.DealID {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := slices.Sorted(maps.Keys(s.deals))
	if s.all {
		ids = all()
	}
	clear(s.deals)
	s.all = false
	return ids
}
