package buyer

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// board shows where every deal stands, and tells watchers what changed. A
// watcher that is slow misses what was in between and never the latest.
type board struct {
	mu       sync.Mutex
	pulls    map[pdx.DealID]Pull
	roots    map[pdx.ContentID][]pdx.DealID // who has, or had, that ciphertext
	going    map[pdx.PoolID]int             // how many deals are not done
	watchers map[*watcher]struct{}
}

// watcher has one entry for each deal at most, so it is as bounded as the board.
type watcher struct {
	changed map[pdx.DealID]struct{}
	wake    notify.Signal // set when changed is not empty
}

func newBoard() *board {
	return &board{
		pulls: map[pdx.DealID]Pull{}, roots: map[pdx.ContentID][]pdx.DealID{}, going: map[pdx.PoolID]int{},
		watchers: map[*watcher]struct{}{},
	}
}

func (b *board) get(id pdx.DealID) (Pull, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.pulls[id]
	return p, ok
}

func (b *board) set(p Pull) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was, known := b.pulls[p.Deal]
	b.pulls[p.Deal] = p
	if !known || was.Root != p.Root {
		b.roots[p.Root] = append(b.roots[p.Root], p.Deal)
	}
	if known && !was.State.done() {
		b.going[was.Pool]--
	}
	if !p.State.done() {
		b.going[p.Pool]++
	}
	for w := range b.watchers {
		w.note(p.Deal)
	}
}

// goesOn reports whether a pool has a deal that is not done.
func (b *board) goesOn(pool pdx.PoolID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.going[pool] > 0
}

func (w *watcher) note(id pdx.DealID) {
	w.changed[id] = struct{}{}
	w.wake.Set()
}

// shares reports whether another deal needs the same ciphertext: one that goes on,
// or one that failed and keeps its evidence.
func (b *board) shares(p Pull) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range b.roots[p.Root] {
		if other := b.pulls[id]; id != p.Deal && other.Root == p.Root && (!other.State.done() || other.State == StateFailed) {
			return true
		}
	}
	return false
}

// list is every deal of a pool, or of all with 0, by number.
func (b *board) list(pool pdx.PoolID) []Pull {
	b.mu.Lock()
	defer b.mu.Unlock()
	var pulls []Pull
	for _, id := range slices.Sorted(maps.Keys(b.pulls)) {
		if p := b.pulls[id]; pool == 0 || p.Pool == pool {
			pulls = append(pulls, p)
		}
	}
	return pulls
}

// watch yields where every deal stands, and then the latest of each that changed,
// until ctx ends or the reader stops.
func (b *board) watch(ctx context.Context) iter.Seq[Pull] {
	return func(yield func(Pull) bool) {
		w := &watcher{changed: map[pdx.DealID]struct{}{}, wake: notify.New()}
		b.join(w)
		defer b.leave(w)
		for {
			for _, p := range b.news(w) {
				if !yield(p) {
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

func (b *board) join(w *watcher) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[w] = struct{}{}
	for id := range b.pulls {
		w.note(id)
	}
}

func (b *board) leave(w *watcher) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, w)
}

func (b *board) news(w *watcher) []Pull {
	b.mu.Lock()
	defer b.mu.Unlock()
	var news []Pull
	for _, id := range slices.Sorted(maps.Keys(w.changed)) {
		news = append(news, b.pulls[id])
	}
	clear(w.changed)
	return news
}

// needed are the ciphertexts of deals that go on or keep their evidence.
func (b *board) needed() (roots []pdx.ContentID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pulls {
		if !p.State.done() || p.State == StateFailed {
			roots = append(roots, p.Root)
		}
	}
	return roots
}

// Pulls lists this buyer's deals of a pool (0 for all pools), by number. Those that
// wait for an order, or for a key that is lost, have the deal's state and a reason.
func (s *Service) Pulls(pool pdx.PoolID) []Pull { return s.notes.among(s.board.list(pool), pool) }

// Changes yields every deal as it stands and then those that change, until ctx
// ends or the loop is left. A slow reader gets the latest of each deal.
func (s *Service) Changes(ctx context.Context) iter.Seq[Pull] { return s.board.watch(ctx) }

// reason shows why a deal that stands at state waits.
func (b *board) reason(id pdx.DealID, state State, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.pulls[id]
	if !ok || p.State != state {
		return
	}
	p.Reason = reason
	b.pulls[id] = p
	for w := range b.watchers {
		w.note(id)
	}
}
