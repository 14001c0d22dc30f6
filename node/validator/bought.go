package validator

import (
	"cmp"
	"context"
	"crypto/sha512"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// earlier is a dataset that a pool bought, with the record set that its certifiers agree on.
type earlier struct {
	deal    pdx.DealID
	set     pdx.RecordSet
	holders []pdx.Address // who certified it
	held    bool          // the deal holds the set's tag on chain: all its accepts carry it
}

// boughtLists remember of each pool how far its deals are settled, so that a long history is
// read once. They are bounded by the open pools that name this validator.
type boughtLists struct {
	mu    sync.Mutex
	pools map[pdx.PoolID]map[int]settled
}

// settled are the deals of the first pages of one reader of the chain: each is bought, or
// over.
type settled struct {
	cursor string
	bought map[pdx.DealID]earlier
}

func newBoughtLists() *boughtLists {
	return &boughtLists{pools: map[pdx.PoolID]map[int]settled{}}
}

func (b *boughtLists) get(pool pdx.PoolID, reader int) settled {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.pools[pool][reader]
	have.bought = maps.Clone(have.bought)
	if have.bought == nil {
		have.bought = map[pdx.DealID]earlier{}
	}
	return have
}

func (b *boughtLists) put(pool pdx.PoolID, reader int, s settled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pools[pool] == nil {
		b.pools[pool] = map[int]settled{}
	}
	s.bought = maps.Clone(s.bought)
	b.pools[pool][reader] = s
}

func (b *boughtLists) forget(pool pdx.PoolID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pools, pool)
}

// earlierThan are the datasets with a record set that the deal's pool bought, by deal. One
// endpoint of several that shows a deal is enough: none can hide it.
func (s *Service) earlierThan(ctx context.Context, deal pdx.Deal) ([]earlier, error) {
	all, err := s.boughtBy(ctx, deal.Pool, 0, s.ledger)
	if err != nil {
		return nil, ownFault("this validator cannot read the chain now", err)
	}
	for i, w := range s.witnesses {
		more, err := s.boughtBy(ctx, deal.Pool, i+1, w)
		if err != nil {
			s.log.DebugContext(ctx, "an endpoint does not list the deals of a pool", "pool_id", deal.Pool, "error", err)
			continue
		}
		maps.Copy(all, more)
	}
	delete(all, deal.ID)
	return slices.SortedFunc(maps.Values(all), func(a, b earlier) int { return cmp.Compare(a.deal, b.deal) }), nil
}

// boughtBy reads the list of one reader of the chain.
func (s *Service) boughtBy(ctx context.Context, pool pdx.PoolID, reader int, from Witness) (map[pdx.DealID]earlier, error) {
	known := s.bought.get(pool, reader)
	filter := pdx.DealFilter{Pool: pool, NoTexts: true, Limit: boughtPage, Cursor: known.cursor}
	for whole := true; ; {
		deals, next, err := from.Deals(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, d := range deals {
			whole = whole && (d.Bought() || d.State.Ended())
			if e, ok := earlierOf(d); ok && d.Pool == pool {
				known.bought[d.ID] = e
			}
		}
		if next == "" {
			return known.bought, nil
		}
		filter.Cursor = next
		if whole {
			known.cursor = next
			s.bought.put(pool, reader, known)
		}
	}
}

func earlierOf(d pdx.Deal) (earlier, bool) {
	set := d.RecordSet()
	if !d.Bought() || set.IsZero() {
		return earlier{}, false
	}
	e := earlier{deal: d.ID, set: set}
	for _, c := range d.Accepted() {
		if c.Set == set {
			e.holders = append(e.holders, c.Validator)
		}
	}
	e.held = len(e.holders) == len(d.Accepted())
	return e, true
}

// hashOf is over which datasets were compared.
func hashOf(list []earlier) [32]byte {
	h := sha512.New512_256()
	for _, e := range list {
		_, _ = h.Write([]byte(e.deal.String()))
		_, _ = h.Write(e.set.Root[:])
	}
	return [32]byte(h.Sum(nil))
}
