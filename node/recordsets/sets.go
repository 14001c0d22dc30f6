package recordsets

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// A Record is a record set that this node keeps for an open pool: one that it made as a
// validator, one of an earlier dataset that it compared others with, or one of a pool of its
// own account.
type Record struct {
	Root pdx.ContentID
	Size uint64 // bytes
	Pool pdx.PoolID
	// Readers are the pool's validators and, at a validator, its buyer: the only ones to whom it
	// is served.
	Readers []pdx.Address
}

// Table remembers a Record for each record set, under its content id.
type Table interface {
	Put(ctx context.Context, key string, r Record) error
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]Record, error)
}

// ErrFull: the record sets of open pools leave no room for one more.
var ErrFull = fmt.Errorf("%w: the record sets of open pools leave no room for one more", pdx.ErrUnavailable)

// Sets are a table and an index of it in memory. Their size is that of the certified
// datasets of open pools that name this account as their validator or buyer: a pool that has
// ended leaves nothing.
type Sets struct {
	table Table
	most  uint64 // bytes of all sets

	writing sync.Mutex // from a write of the table to that of the index
	mu      sync.RWMutex
	loaded  bool
	roots   map[pdx.ContentID]Record
	readers map[pdx.Address]int // of an account: sets that it may have
	bytes   uint64
}

// New returns Sets with room for a number of bytes. They are empty until Load.
func New(table Table, most uint64) *Sets {
	return &Sets{table: table, most: most, roots: map[pdx.ContentID]Record{}, readers: map[pdx.Address]int{}}
}

// Load reads the whole table, once.
func (s *Sets) Load(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.RLock()
	loaded := s.loaded
	s.mu.RUnlock()
	if loaded {
		return nil
	}
	all, err := s.table.All(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range all {
		s.set(r)
	}
	s.loaded = true
	return nil
}

// Add records a set before its first byte is stored; ErrFull if there is no room for it.
func (s *Sets) Add(ctx context.Context, r Record) error {
	if err := s.Load(ctx); err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.RLock()
	_, have := s.roots[r.Root]
	full := r.Size > s.most || s.bytes > s.most-r.Size
	s.mu.RUnlock()
	if have {
		return nil
	}
	if full {
		return ErrFull
	}
	if err := s.table.Put(ctx, r.Root.String(), r); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(r)
	return nil
}

// Remove forgets a set whose bytes are gone.
func (s *Sets) Remove(ctx context.Context, root pdx.ContentID) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.table.Delete(ctx, root.String()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.roots[root]
	if !ok {
		return nil
	}
	delete(s.roots, root)
	s.bytes -= r.Size
	for _, a := range r.Readers {
		if s.readers[a]--; s.readers[a] == 0 {
			delete(s.readers, a)
		}
	}
	return nil
}

// set puts a record into the index; the caller holds s.mu.
func (s *Sets) set(r Record) {
	if _, have := s.roots[r.Root]; have {
		return
	}
	s.roots[r.Root] = r
	s.bytes += r.Size
	for _, a := range r.Readers {
		s.readers[a]++
	}
}

// MayPull reports whether a reader is served the set with that root.
func (s *Sets) MayPull(reader pdx.Address, root pdx.ContentID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Contains(s.roots[root].Readers, reader)
}

// Has reports whether a set is kept.
func (s *Sets) Has(root pdx.ContentID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, have := s.roots[root]
	return have
}

// Of are the sets that are kept for a pool.
func (s *Sets) Of(pool pdx.PoolID) (roots []pdx.ContentID) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for root, r := range s.roots {
		if r.Pool == pool {
			roots = append(roots, root)
		}
	}
	return roots
}

// Pools are those of which sets are kept.
func (s *Sets) Pools() []pdx.PoolID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var pools []pdx.PoolID
	for _, r := range s.roots {
		pools = append(pools, r.Pool)
	}
	slices.Sort(pools)
	return slices.Compact(pools)
}

// Reads reports from memory whether an account is a validator of a pool whose record sets are
// kept here, so that it may be told which account keeps them.
func (s *Sets) Reads(account pdx.Address) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.readers[account] > 0
}
