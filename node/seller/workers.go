package seller

import (
	"context"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// workers are the sales in progress, indexed by what an event names, so that an event
// costs the same however many sales there are.
type workers struct {
	mu     sync.Mutex // guards all fields, and the deal of each worker
	bySale map[string]*worker
	ofDeal map[pdx.DealID]*worker
	// unoffered are the workers of a pool whose sales have no deal yet.
	unoffered map[pdx.PoolID]map[*worker]struct{}
}

func newWorkers() *workers {
	return &workers{
		bySale: map[string]*worker{}, ofDeal: map[pdx.DealID]*worker{}, unoffered: map[pdx.PoolID]map[*worker]struct{}{},
	}
}

func (x *workers) add(w *worker) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if old := x.bySale[w.sale]; old != nil {
		x.unlink(old)
	}
	x.bySale[w.sale] = w
	x.link(w)
}

// remove forgets a worker, unless its sale has another one by now.
func (x *workers) remove(w *worker) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.bySale[w.sale] == w {
		x.unlink(w)
		delete(x.bySale, w.sale)
	}
}

// noteDeal records the deal of a worker's sale, 0 for none.
func (x *workers) noteDeal(w *worker, id pdx.DealID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if w.deal == id {
		return
	}
	if x.bySale[w.sale] == w {
		x.unlink(w)
		defer x.link(w)
	}
	w.deal = id
}

// dealOf returns the deal of a worker's sale, 0 while it has none.
func (x *workers) dealOf(w *worker) pdx.DealID {
	x.mu.Lock()
	defer x.mu.Unlock()
	return w.deal
}

// link needs mu, as unlink does.
func (x *workers) link(w *worker) {
	if w.deal != 0 {
		x.ofDeal[w.deal] = w
		return
	}
	if x.unoffered[w.pool] == nil {
		x.unoffered[w.pool] = map[*worker]struct{}{}
	}
	x.unoffered[w.pool][w] = struct{}{}
}

func (x *workers) unlink(w *worker) {
	if x.ofDeal[w.deal] == w {
		delete(x.ofDeal, w.deal)
	}
	if delete(x.unoffered[w.pool], w); len(x.unoffered[w.pool]) == 0 {
		delete(x.unoffered, w.pool)
	}
}

// wake wakes the sales that an event is news for: that of the deal that it names. An
// event of the chain that names a pool and no deal, which is rare, says whether the
// pool takes offers, so it wakes the sales that have yet to offer there.
func (x *workers) wake(e pdx.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case e.Deal != 0:
		w := x.ofDeal[e.Deal]
		if w == nil {
			return
		}
		w.wake()
		x.wakeWaiting(w.pool)
	case e.State != "":
		for w := range x.unoffered[e.Pool] {
			w.wake()
		}
	}
}

// wakeWaiting wakes some sales of a pool that have yet to offer: the pool takes from a seller
// one offer more than it has certified deals there, so each step of a deal may let two others
// in. Those that it does not let in wait for the next one. It needs mu.
func (x *workers) wakeWaiting(pool pdx.PoolID) {
	n := 0
	for w := range x.unoffered[pool] {
		if n++; n > offersPerStep {
			return
		}
		w.wake()
	}
}

// wakeSale wakes a sale in progress.
func (x *workers) wakeSale(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if w := x.bySale[id]; w != nil {
		w.wake()
	}
}

func (x *workers) wakeAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, w := range x.bySale {
		w.wake()
	}
}

// employ starts the worker of a sale. If the service is stopping, the next process does.
func (s *Service) employ(sale model.Sale) {
	w := newWorker(s, sale)
	s.workers.add(w)
	started := s.life.Go(func(ctx context.Context) {
		defer s.workers.remove(w)
		w.run(ctx)
	})
	if !started {
		s.workers.remove(w)
	}
}
