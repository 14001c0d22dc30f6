package recordsets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/internal/notify"
)

const (
	// refreshEvery is how often the pools are looked at without a hint. A set that could not be
	// fetched is tried again then.
	refreshEvery = 10 * time.Minute
	// patience is how long one holder may take to serve a set: the largest has 64 MB.
	patience = 5 * time.Minute
	// page is how many pools or deals are asked for at a time.
	page = 100
)

// Ledger is what a Keeper reads of the chain.
type Ledger interface {
	Pools(ctx context.Context, f pdx.PoolFilter) (pools []pdx.Pool, next string, err error)
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
}

// Fetcher moves blobs into the store of this node.
type Fetcher interface {
	// FetchSet completes a set from a validator of a pool, going on from what is here.
	FetchSet(ctx context.Context, from pdx.Address, pool pdx.PoolID, id pdx.ContentID, size uint64) error
}

// Blobs are those of this node.
type Blobs interface {
	// Check is nil if a whole blob is here; pdx.ErrNotFound if none is, pdx.ErrCorrupt if
	// this disk lost some of it.
	Check(ctx context.Context, id pdx.ContentID) error
	// Discard removes the bytes of a damaged blob.
	Discard(ctx context.Context, id pdx.ContentID) error
	// Delete removes a blob, complete or not; it is no error if there is none.
	Delete(ctx context.Context, id pdx.ContentID) error
}

// KeeperConfig is what a Keeper works with; Log may be nil.
type KeeperConfig struct {
	Account pdx.Address
	Ledger  Ledger
	Fetcher Fetcher
	Blobs   Blobs
	Sets    *Sets
	Log     *slog.Logger
}

// A Keeper fetches the record set of each dataset that a pool of its account bought, as soon
// as it is certified. Whoever keeps the Sets deletes what it fetched when the pool has ended.
type Keeper struct {
	KeeperConfig
	wake notify.Signal

	mu    sync.Mutex
	pools map[pdx.PoolID]progress // that are open and refuse duplicates
}

// progress is how far the deals of a pool need not be read again, and which sets were seen here.
type progress struct {
	cursor string
	here   map[pdx.ContentID]bool
}

// NewKeeper checks the configuration.
func NewKeeper(c KeeperConfig) (*Keeper, error) {
	if err := need.All(c, "Log"); err != nil {
		return nil, fmt.Errorf("record sets: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{KeeperConfig: c, wake: notify.New(), pools: map[pdx.PoolID]progress{}}, nil
}

// Wake hints at a deal that was certified, or at a pool that may be this account's; it never
// blocks.
func (k *Keeper) Wake(e pdx.Event) {
	k.mu.Lock()
	_, own := k.pools[e.Pool]
	k.mu.Unlock()
	if own && e.Deal != 0 && pdx.DealState(e.State) == pdx.DealCertified || e.Kind == "EventPoolCreated" {
		k.wake.Set()
	}
}

// Run looks after the pools until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		if err := k.refresh(ctx); err != nil && ctx.Err() == nil {
			k.Log.WarnContext(ctx, "cannot keep the record sets of this account's pools yet; trying again", "error", err)
		}
		select {
		case <-k.wake:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// refresh fetches what is missing of all open pools, and forgets those that have ended.
func (k *Keeper) refresh(ctx context.Context) error {
	if err := k.Sets.Load(ctx); err != nil {
		return err
	}
	open, err := k.openPools(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, pool := range open {
		if err := k.refreshPool(ctx, pool); err != nil {
			failed = errors.Join(failed, fmt.Errorf("pool %v: %w", pool.ID, err))
		}
	}
	return failed
}

// openPools are those of this account that refuse duplicates.
func (k *Keeper) openPools(ctx context.Context) (open []pdx.Pool, err error) {
	filter := pdx.PoolFilter{Buyer: k.Account, Status: pdx.PoolOpen, Limit: page}
	for {
		pools, next, err := k.Ledger.Pools(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, p := range pools {
			if p.Buyer == k.Account && p.RefusesDuplicates() {
				open = append(open, p)
			}
		}
		if filter.Cursor = next; next == "" {
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.pools
	k.pools = map[pdx.PoolID]progress{}
	for _, p := range open {
		k.pools[p.ID] = known[p.ID]
	}
	return open, nil
}

// refreshPool fetches what is missing of one pool. Pages whose deals are over, or bought with a set
// that is here, are not read again.
func (k *Keeper) refreshPool(ctx context.Context, pool pdx.Pool) (failed error) {
	k.mu.Lock()
	at := k.pools[pool.ID]
	k.mu.Unlock()
	if at.here == nil {
		at.here = map[pdx.ContentID]bool{}
	}
	filter := pdx.DealFilter{Pool: pool.ID, NoTexts: true, Limit: page, Cursor: at.cursor}
	for whole := true; ; {
		deals, next, err := k.Ledger.Deals(ctx, filter)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, d := range deals {
			err := k.keep(ctx, pool, d, at.here)
			whole = whole && err == nil && (d.Bought() || d.State.Ended())
			failed = errors.Join(failed, err)
		}
		if whole && next != "" {
			at.cursor = next
		}
		if filter.Cursor = next; next == "" {
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, open := k.pools[pool.ID]; open {
		k.pools[pool.ID] = at
	}
	return failed
}

// keep makes sure that the set of a deal is here, if it has one.
func (k *Keeper) keep(ctx context.Context, pool pdx.Pool, d pdx.Deal, here map[pdx.ContentID]bool) error {
	set := d.RecordSet()
	if d.Pool != pool.ID || !d.Bought() || set.IsZero() || here[set.Root] || !dedup.ValidSize(set.Size) {
		return nil
	}
	if err := k.Sets.Add(ctx, Record{Root: set.Root, Size: set.Size, Pool: pool.ID, Readers: pool.Validators}); err != nil {
		return fmt.Errorf("record set of deal %v: %w", d.ID, err)
	}
	err := k.Blobs.Check(ctx, set.Root)
	if errors.Is(err, pdx.ErrCorrupt) {
		err = errors.Join(pdx.ErrNotFound, k.Blobs.Discard(ctx, set.Root))
	}
	if errors.Is(err, pdx.ErrNotFound) {
		err = k.fetch(ctx, pool, d, set)
	}
	if err != nil {
		return fmt.Errorf("record set of deal %v: %w", d.ID, err)
	}
	if !k.Sets.Has(set.Root) { // the pool ended meanwhile
		return k.Blobs.Delete(ctx, set.Root)
	}
	here[set.Root] = true
	k.Log.LogAttrs(ctx, slog.LevelInfo, "record set kept for the validators of a pool",
		slog.Uint64("pool_id", uint64(pool.ID)), slog.Uint64("deal_id", uint64(d.ID)), slog.Uint64("bytes", set.Size))
	return nil
}

// fetch asks those who certified the set, and then the other validators, who may have compared
// with it.
func (k *Keeper) fetch(ctx context.Context, pool pdx.Pool, d pdx.Deal, set pdx.RecordSet) (failed error) {
	var holders []pdx.Address
	for _, c := range d.Accepted() {
		if c.Set == set {
			holders = append(holders, c.Validator)
		}
	}
	for _, v := range pool.Validators {
		if !slices.Contains(holders, v) {
			holders = append(holders, v)
		}
	}
	for _, holder := range holders {
		one, cancel := context.WithTimeout(ctx, patience)
		err := k.Fetcher.FetchSet(one, holder, pool.ID, set.Root, set.Size)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
