package buyer

import (
	"context"
	"sync"

	"github.com/medibloc/pdx"
)

// documents are the criteria and schemas of this buyer's pools, which anybody
// may have.
type documents struct {
	mu  sync.RWMutex
	ids map[pdx.ContentID]struct{}
}

func (d *documents) add(ids []pdx.ContentID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[pdx.ContentID]struct{}{}
	}
	for _, id := range ids {
		d.ids[id] = struct{}{}
	}
}

func (d *documents) all() (ids []pdx.ContentID) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for id := range d.ids {
		ids = append(ids, id)
	}
	return ids
}

// MayPull reports whether anybody may have blob id from this buyer: criteria and
// schemas are public, datasets are not.
func (s *Service) MayPull(_ context.Context, id pdx.ContentID) bool {
	s.documents.mu.RLock()
	defer s.documents.mu.RUnlock()
	_, ok := s.documents.ids[id]
	return ok
}
