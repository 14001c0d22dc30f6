package buyer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/adopt"
)

// hints gather what changed until the scan loop looks at it. They are bounded:
// when too many wait, everything is scanned instead.
type hints struct {
	wake notify.Signal // set when there are hints

	mu sync.Mutex
	news
}

// news is what the scan loop has to look at.
type news struct {
	deals  map[pdx.DealID]hinted
	orders map[pdx.PoolID]struct{} // pools with a new order: all their deals
	pools  map[pdx.PoolID]struct{} // whose keys may have served their time
	all    bool
}

// hinted is what is known of a deal that is to be looked at.
type hinted struct {
	pool      pdx.PoolID
	delivered bool
}

func noNews() news {
	return news{deals: map[pdx.DealID]hinted{}, orders: map[pdx.PoolID]struct{}{}, pools: map[pdx.PoolID]struct{}{}}
}

func newHints() *hints {
	return &hints{wake: notify.New(), news: noNews()}
}

func (h *hints) order(id pdx.PoolID) { h.note(func() { h.orders[id] = struct{}{} }) }

func (h *hints) pool(id pdx.PoolID) { h.note(func() { h.pools[id] = struct{}{} }) }

func (h *hints) deal(id pdx.DealID, pool pdx.PoolID, delivered bool) {
	h.note(func() { h.deals[id] = hinted{pool, delivered} })
}

// everything hints that all orders are to be compared with the ledger.
func (h *hints) everything() { h.note(func() { h.news, h.all = noNews(), true }) }

func (h *hints) note(set func()) {
	h.mu.Lock()
	set()
	if len(h.deals)+len(h.orders)+len(h.pools) > maxHints {
		h.news = noNews()
		h.all = true
	}
	h.mu.Unlock()
	h.wake.Set()
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
	if e.Kind == eventDealState { // an offer, or a slot of the pool that is free again
		s.draws.hint(e.Pool)
	}
	switch {
	case e.Deal != 0:
		delivered := pdx.DealState(e.State) == pdx.DealDelivered
		known := false
		if delivered {
			known = s.schedule.WakeIn(classOpen, e.Deal)
		} else {
			known = s.schedule.Wake(e.Deal)
		}
		if !known {
			s.hints.deal(e.Deal, e.Pool, delivered)
		}
	case e.Pool != 0:
		s.hints.pool(e.Pool)
	}
}

// scanLoop compares orders with the ledger: all of them at start, now and then
// and after a failure, which may have lost what it was about; the hinted ones at
// once.
func (s *Service) scanLoop(ctx context.Context) {
	tick := time.NewTicker(rescanEvery)
	defer tick.Stop()
	again, tries := time.After(0), 0
	for {
		ok := true
		select {
		case <-s.hints.wake:
			ok = s.scanHints(ctx)
		case <-again:
			again = nil
			ok = s.scanAll(ctx)
		case <-tick.C:
			ok = s.scanAll(ctx)
		case <-ctx.Done():
			return
		}
		switch {
		case ok && again == nil:
			tries = 0
		case !ok && again == nil:
			again = time.After(retryPause.Spread(tries))
			tries++
		}
	}
}

// scanHints looks at what was hinted; false when some of it could not be read.
func (s *Service) scanHints(ctx context.Context) (ok bool) {
	n := s.hints.take()
	if n.all {
		return s.scanAll(ctx)
	}
	ok = true
	for deal, hint := range n.deals {
		_, err := s.orderFor(ctx, hint.pool, deal)
		switch {
		case errors.Is(err, pdx.ErrNotFound):
			ok = s.renote(ctx, hint.pool, deal) && ok
		case err != nil:
			ok = s.trouble(ctx, hint.pool, err)
		case hint.delivered:
			s.openNow(hint.pool, deal, time.Time{})
		default:
			s.schedule.Add(deal, hint.pool)
		}
	}
	for pool := range n.orders { // also for what was over without an order
		ok = s.scanPool(ctx, pool, nil) && ok
	}
	for pool := range n.pools {
		if err := s.retire(ctx, pool, false); err != nil {
			ok = s.trouble(ctx, pool, err)
		}
	}
	return ok
}

// scanAll looks at the pools in which something is or will be left to do; false when some
// could not be compared. Every order is of a pool that this buyer opened, so pools whose
// deals are all over cost nothing, and neither do their orders.
func (s *Service) scanAll(ctx context.Context) (ok bool) {
	creations, err := s.creations.Find(ctx, "Destroyed", false)
	if err != nil {
		return s.trouble(ctx, 0, err)
	}
	pools := map[pdx.PoolID]struct{}{}
	for _, c := range creations {
		// Of a pool that is over only what is pulled again goes on.
		if c.Pool != 0 && (!c.Over || s.feed.ofPool.Has(c.Pool)) {
			pools[c.Pool] = struct{}{}
		}
	}
	for _, p := range s.notes.lostPools() {
		pools[p.ID] = struct{}{}
	}
	for _, p := range s.feed.pulls.Values() {
		if p.Again { // an earlier scan saw it done
			s.schedule.Add(p.Deal, p.Pool)
		}
	}
	ok = true
	for pool := range pools {
		ok = s.scanPool(ctx, pool, s.marks) && ok
	}
	return ok
}

// scanPool finds the deals that an order covers, and ends the pool's key when
// its time has come. With marks, deals that were over at an earlier scan are not read.
func (s *Service) scanPool(ctx context.Context, pool pdx.PoolID, marks adopt.Marks) (ok bool) {
	name, filter := "buyer-pool/"+pool.String(), pdx.DealFilter{Pool: pool}
	idle := true
	consider := func(d pdx.Deal) (bool, error) {
		over, err := s.consider(ctx, d)
		idle = idle && over
		return over, err
	}
	err := adopt.Unsettled(ctx, s.ledger, marks, name, filter, consider)
	for _, w := range s.witnesses { // what one endpoint hides, another one shows
		if err != nil || marks == nil {
			break
		}
		if err := adopt.Unsettled(ctx, w, marks, fmt.Sprintf("%s at %s", name, w), filter, consider); err != nil {
			s.log.DebugContext(ctx, "an endpoint does not list the deals of a pool", "pool_id", pool, "error", err)
		}
	}
	if err == nil {
		err = s.retire(ctx, pool, idle)
	}
	return err == nil || s.trouble(ctx, pool, err)
}

// consider schedules a deal that is ordered and has something to do. It is over when
// nothing is left to do, unless it is ordered later.
func (s *Service) consider(ctx context.Context, d pdx.Deal) (over bool, err error) {
	known, ok, err := s.known(ctx, d.ID)
	switch {
	case err != nil:
		return false, err
	case ok && known.State.Done():
		return d.State.Ended(), nil
	case !ok && (d.State == pdx.DealOffered || d.State.Ended() && d.State != pdx.DealFinal):
		s.notes.ordered(d.ID)
		return d.State.Ended(), nil
	}
	_, err = s.orderFor(ctx, d.Pool, d.ID)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		chosen, err := s.chose(ctx, d.Pool)
		s.notes.unordered(d, chosen)
		return d.State.Ended(), err
	case err != nil:
		return false, err
	}
	s.notes.ordered(d.ID)
	if d.State == pdx.DealDelivered {
		s.openNow(d.Pool, d.ID, d.DeadlineTime)
	} else {
		s.schedule.Add(d.ID, d.Pool)
	}
	return false, nil
}

// renote looks again at a deal without an order that is shown; false when it
// could not be read.
func (s *Service) renote(ctx context.Context, pool pdx.PoolID, id pdx.DealID) (ok bool) {
	if !s.notes.has(id) {
		return true
	}
	d, err := s.ledger.Deal(ctx, id)
	if err == nil {
		_, err = s.consider(ctx, d)
	}
	return err == nil || s.trouble(ctx, pool, err)
}

// eachDeal reads the deals of a pool, page by page, the last one first.
func (s *Service) eachDeal(ctx context.Context, pool pdx.PoolID, visit func(pdx.Deal) error) error {
	filter := pdx.DealFilter{Pool: pool, Limit: page, Reverse: true}
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

// trouble logs what is soon scanned again. It is false.
func (s *Service) trouble(ctx context.Context, pool pdx.PoolID, err error) bool {
	if ctx.Err() == nil {
		s.log.WarnContext(ctx, "cannot compare orders with the ledger", "pool_id", pool, "error", err)
	}
	return false
}
