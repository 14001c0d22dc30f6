package buyer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// hints gather what changed until the scan loop looks at it. They are bounded:
// when too many wait, everything is scanned instead.
type hints struct {
	wake chan struct{} // holds a token when there are hints

	mu sync.Mutex
	news
}

// news is what the scan loop has to look at.
type news struct {
	deals  map[pdx.DealID]pdx.PoolID
	orders map[pdx.PoolID]struct{} // pools with a new order: all their deals
	pools  map[pdx.PoolID]struct{} // whose keys may have served their time
	all    bool
}

func noNews() news {
	return news{deals: map[pdx.DealID]pdx.PoolID{}, orders: map[pdx.PoolID]struct{}{}, pools: map[pdx.PoolID]struct{}{}}
}

func newHints() *hints {
	return &hints{wake: make(chan struct{}, 1), news: noNews()}
}

func (h *hints) order(id pdx.PoolID) { h.note(func() { h.orders[id] = struct{}{} }) }

func (h *hints) pool(id pdx.PoolID) { h.note(func() { h.pools[id] = struct{}{} }) }

func (h *hints) deal(id pdx.DealID, pool pdx.PoolID) { h.note(func() { h.deals[id] = pool }) }

func (h *hints) note(set func()) {
	h.mu.Lock()
	set()
	if len(h.deals)+len(h.orders)+len(h.pools) > maxHints {
		h.news = noNews()
		h.all = true
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hints) take() news {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.news
	h.news = noNews()
	return n
}

// Wake hints that something on chain changed; it never blocks.
func (s *Service) Wake(e pdx.Event) {
	switch {
	case e.Deal != 0:
		if !s.schedule.wake(e.Deal) {
			s.hints.deal(e.Deal, e.Pool)
		}
	case e.Pool != 0:
		s.hints.pool(e.Pool)
	}
}

// scanLoop compares orders with the ledger: all of them at start and now and
// then, the hinted ones at once.
func (s *Service) scanLoop(ctx context.Context) {
	tick := time.NewTicker(rescanEvery)
	defer tick.Stop()
	s.scanAll(ctx)
	for {
		select {
		case <-s.hints.wake:
			s.scanHints(ctx)
		case <-tick.C:
			s.scanAll(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) scanHints(ctx context.Context) {
	n := s.hints.take()
	if n.all {
		s.scanAll(ctx)
		return
	}
	for deal, pool := range n.deals {
		if _, err := s.orderFor(ctx, pool, deal); err == nil {
			s.schedule.add(pool, deal)
		} else if !errors.Is(err, pdx.ErrNotFound) {
			s.trouble(ctx, pool, err)
		}
	}
	for pool := range n.orders {
		s.scanPool(ctx, pool)
	}
	for pool := range n.pools {
		if err := s.retire(ctx, pool); err != nil {
			s.trouble(ctx, pool, err)
		}
	}
}

func (s *Service) scanAll(ctx context.Context) {
	orders, err := s.orders.All(ctx)
	if err != nil {
		s.trouble(ctx, 0, err)
		return
	}
	pools := map[pdx.PoolID]struct{}{}
	for _, o := range orders {
		pools[o.Pool] = struct{}{}
	}
	creations, err := s.creations.All(ctx)
	if err != nil {
		s.trouble(ctx, 0, err)
		return
	}
	for _, c := range creations {
		if c.Pool != 0 && !c.Destroyed {
			pools[c.Pool] = struct{}{}
		}
	}
	for pool := range pools {
		s.scanPool(ctx, pool)
	}
}

// scanPool finds the deals that an order covers, and ends the pool's key when
// its time has come.
func (s *Service) scanPool(ctx context.Context, pool pdx.PoolID) {
	err := s.eachDeal(ctx, pool, func(d pdx.Deal) error { return s.consider(ctx, d) })
	if err == nil {
		err = s.retire(ctx, pool)
	}
	if err != nil {
		s.trouble(ctx, pool, err)
	}
}

// consider schedules a deal that is ordered and has something to do.
func (s *Service) consider(ctx context.Context, d pdx.Deal) error {
	known, ok := s.board.get(d.ID)
	switch {
	case ok && known.State.done():
		return nil
	case !ok && (d.State == pdx.DealOffered || d.State.Ended() && d.State != pdx.DealFinal):
		return nil
	}
	_, err := s.orderFor(ctx, d.Pool, d.ID)
	if err == nil {
		s.schedule.add(d.Pool, d.ID)
	}
	if errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	return err
}

// eachDeal reads the deals of a pool, page by page.
func (s *Service) eachDeal(ctx context.Context, pool pdx.PoolID, visit func(pdx.Deal) error) error {
	filter := pdx.DealFilter{Pool: pool, Limit: page}
	for {
		deals, next, err := s.ledger.Deals(ctx, filter)
		if err != nil {
			return err
		}
		for _, d := range deals {
			if err := visit(d); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		filter.Cursor = next
	}
}

// trouble logs what the next scan will try again.
func (s *Service) trouble(ctx context.Context, pool pdx.PoolID, err error) {
	if ctx.Err() == nil {
		s.log.WarnContext(ctx, "cannot compare orders with the ledger", "pool_id", pool, "error", err)
	}
}
