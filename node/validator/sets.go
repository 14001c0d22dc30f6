package validator

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// SetRecord is a record set that this validator keeps for an open pool: its own, or one of
// an earlier dataset that it compared others with.
type SetRecord struct {
	Root pdx.ContentID
	Size uint64 // bytes
	Pool pdx.PoolID
	// Readers are the pool's validators, the only ones to whom it is served.
	Readers []pdx.Address
}

// SetTable remembers a SetRecord for each record set, under its content id.
type SetTable interface {
	Put(ctx context.Context, key string, r SetRecord) error
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]SetRecord, error)
}

// sets hold the table and an index of it in memory. Their size is that of the certified
// datasets of open pools that name this validator: a pool that has ended leaves nothing.
type sets struct {
	table SetTable

	writing sync.Mutex // from a write of the table to that of the index
	mu      sync.RWMutex
	loaded  bool
	roots   map[pdx.ContentID]SetRecord
	readers map[pdx.Address]int // of an account: sets that it may have
	bytes   uint64
}

func newSets(table SetTable) *sets {
	return &sets{table: table, roots: map[pdx.ContentID]SetRecord{}, readers: map[pdx.Address]int{}}
}

// load reads the whole table, once.
func (s *sets) load(ctx context.Context) error {
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

// add records a set before its first byte is stored; ErrNoRoom if all sets would then have
// more than most bytes.
func (s *sets) add(ctx context.Context, r SetRecord, most uint64) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.RLock()
	_, have := s.roots[r.Root]
	full := r.Size > most || s.bytes > most-r.Size
	s.mu.RUnlock()
	if have {
		return nil
	}
	if full {
		return ErrNoRoom
	}
	if err := s.table.Put(ctx, r.Root.String(), r); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(r)
	return nil
}

// remove forgets a set whose bytes are gone.
func (s *sets) remove(ctx context.Context, root pdx.ContentID) error {
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
func (s *sets) set(r SetRecord) {
	if _, have := s.roots[r.Root]; have {
		return
	}
	s.roots[r.Root] = r
	s.bytes += r.Size
	for _, a := range r.Readers {
		s.readers[a]++
	}
}

// mayPull reports whether a reader is served the set with that root.
func (s *sets) mayPull(reader pdx.Address, root pdx.ContentID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Contains(s.roots[root].Readers, reader)
}

// of are the sets that are kept for a pool, and pools the pools that have some.
func (s *sets) of(pool pdx.PoolID) (roots []pdx.ContentID) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for root, r := range s.roots {
		if r.Pool == pool {
			roots = append(roots, root)
		}
	}
	return roots
}

func (s *sets) pools() []pdx.PoolID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var pools []pdx.PoolID
	for _, r := range s.roots {
		pools = append(pools, r.Pool)
	}
	slices.Sort(pools)
	return slices.Compact(pools)
}

// ReadsSets reports from memory whether an account is a validator of a pool whose record
// sets are kept here, so that it may be told which account keeps them.
func (s *Service) ReadsSets(account pdx.Address) bool {
	s.sets.mu.RLock()
	defer s.sets.mu.RUnlock()
	return s.sets.readers[account] > 0
}

// retireSets deletes the sets of pools that are proven to have ended. It is false if some
// must be looked at again.
func (s *Service) retireSets(ctx context.Context) (ok bool) {
	if err := s.sets.load(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot read which record sets are kept; trying again", "error", err)
		return false
	}
	ok = true
	for _, id := range s.sets.pools() {
		if err := s.retirePool(ctx, id); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "cannot let go of the record sets of a pool; trying again",
				slog.Uint64("pool_id", uint64(id)), causeOf(err))
			ok = false
		}
	}
	return ok
}

func (s *Service) retirePool(ctx context.Context, id pdx.PoolID) error {
	pool, err := s.ledger.Pool(ctx, id)
	if err != nil || pool.Status == pdx.PoolOpen {
		return err
	}
	if pool, err = s.prover.Pool(ctx, id); err != nil || pool.Status == pdx.PoolOpen {
		return err // an end is proven by the block after it
	}
	var failed error
	for _, root := range s.sets.of(id) {
		err := s.blobs.Delete(ctx, root)
		if err == nil {
			err = s.sets.remove(ctx, root)
		}
		failed = errors.Join(failed, err)
	}
	s.bought.forget(id)
	return failed
}
