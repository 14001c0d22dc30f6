package seller

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// board holds the sales as they stand for everybody who looks: lists, watchers
// and the gate. A watcher that is slow misses what was in between, never the
// latest.
type board struct {
	mu       sync.Mutex
	sales    map[string]Sale
	roots    map[pdx.ContentID]pdx.DealID // of what is offered or was
	made     map[pdx.ContentID]string     // sales by what they sealed
	deals    map[pdx.DealID]string        // sales by their deals
	watchers map[*watcher]struct{}
}

// watcher notes each sale once, so it is as bounded as the board.
type watcher struct {
	changed map[string]struct{}
	wake    notify.Signal // set when changed is not empty
}

func newBoard() *board {
	return &board{sales: map[string]Sale{}, roots: map[pdx.ContentID]pdx.DealID{}, made: map[pdx.ContentID]string{}, deals: map[pdx.DealID]string{}, watchers: map[*watcher]struct{}{}}
}

func (b *board) set(sale Sale) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sales[sale.ID] = sale
	if sale.Dataset != nil {
		b.made[sale.Dataset.Root] = sale.ID
	}
	if sale.Dataset != nil && sale.Deal != 0 {
		b.roots[sale.Dataset.Root] = sale.Deal
	}
	if sale.Deal != 0 {
		b.deals[sale.Deal] = sale.ID
	}
	for w := range b.watchers {
		w.note(sale.ID)
	}
}

// drop forgets a sale.
func (b *board) drop(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[id]
	if !ok {
		return
	}
	delete(b.sales, id)
	if b.deals[sale.Deal] == id {
		delete(b.deals, sale.Deal)
	}
	if sale.Dataset == nil || b.made[sale.Dataset.Root] != id {
		return
	}
	delete(b.made, sale.Dataset.Root)
	if b.roots[sale.Dataset.Root] == sale.Deal {
		delete(b.roots, sale.Dataset.Root)
	}
}

// note shows a check of a sale.
func (b *board) note(id string, check Check) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[id]
	if !ok {
		return
	}
	sale.Checks = slices.Clone(sale.Checks)
	sale.note(check)
	b.sales[id] = sale
	for w := range b.watchers {
		w.note(id)
	}
}

// overlay adds to a sale what is shown of its checks and not kept yet.
func (b *board) overlay(sale *Sale) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale.Checks = slices.Clone(sale.Checks)
	for _, check := range b.sales[sale.ID].Checks {
		if check.Stage != pdx.StageDone {
			sale.note(check)
		}
	}
}

func (w *watcher) note(id string) {
	w.changed[id] = struct{}{}
	w.wake.Set()
}

// deal is the deal that a ciphertext was offered in.
func (b *board) deal(root pdx.ContentID) (pdx.DealID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, ok := b.roots[root]
	return id, ok
}

// sealed is the sale that sealed a ciphertext.
func (b *board) sealed(root pdx.ContentID) (Sale, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[b.made[root]]
	return sale, ok
}

// ofDeal is the sale of a deal.
func (b *board) ofDeal(id pdx.DealID) (Sale, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sale, ok := b.sales[b.deals[id]]
	return sale, ok
}

// find is a sale of which something holds.
func (b *board) find(holds func(Sale) bool) (Sale, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, sale := range b.sales {
		if holds(sale) {
			return sale, true
		}
	}
	return Sale{}, false
}

// unsealed reports whether a sale into a pool has not been sealed yet.
func (b *board) unsealed(pool pdx.PoolID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, sale := range b.sales {
		if sale.Pool == pool && sale.Dataset == nil && sale.live() {
			return true
		}
	}
	return false
}

// adoptedIn are the adopted sales into a pool.
func (b *board) adoptedIn(pool pdx.PoolID) (list []Sale) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, sale := range b.sales {
		if sale.Pool == pool && sale.Adopted {
			list = append(list, sale)
		}
	}
	return list
}

// needed are the ciphertexts of the sales that have not ended.
func (b *board) needed() (roots []pdx.ContentID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, sale := range b.sales {
		if sale.Dataset != nil && !sale.Settled {
			roots = append(roots, sale.Dataset.Root)
		}
	}
	return roots
}

// reason is why a sale waits, as shown.
func (b *board) reason(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sales[id].Reason
}

// list is all sales, oldest first.
func (b *board) list() []Sale {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.sales), func(a, b Sale) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
}

func (b *board) join() *watcher {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &watcher{changed: map[string]struct{}{}, wake: notify.New()}
	b.watchers[w] = struct{}{}
	for id := range b.sales {
		w.note(id)
	}
	return w
}

func (b *board) leave(w *watcher) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, w)
}

func (b *board) news(w *watcher) []Sale {
	b.mu.Lock()
	defer b.mu.Unlock()
	var news []Sale
	for _, id := range slices.Sorted(maps.Keys(w.changed)) {
		if sale, ok := b.sales[id]; ok { // else it was dropped
			news = append(news, sale)
		}
	}
	clear(w.changed)
	return news
}

// Sales lists all sales, oldest first.
func (s *Service) Sales() []Sale { return s.board.list() }

// Changes yields every sale as it stands and then those that change, until ctx
// ends or the loop is left. A slow reader gets the latest of each sale.
func (s *Service) Changes(ctx context.Context) iter.Seq[Sale] {
	return func(yield func(Sale) bool) {
		w := s.board.join()
		defer s.board.leave(w)
		for {
			for _, sale := range s.board.news(w) {
				if !yield(sale) {
					return
				}
			}
			select {
			case <-w.wake:
			case <-ctx.Done():
				return
			}
		}
	}
}
