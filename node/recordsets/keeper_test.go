package recordsets_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/store/storetest"
)

const (
	me     pdx.Address = "buyer"
	holder pdx.Address = "certified it"
	other  pdx.Address = "compared with it"
)

// world is a chain with pools, and machines with blobs.
type world struct {
	t     *testing.T
	table storetest.Table[recordsets.Record]

	mu     sync.Mutex
	pools  []pdx.Pool
	deals  []pdx.Deal
	read   []string // cursors at which deals were read
	remote map[pdx.Address]bool
	here   map[pdx.ContentID]bool
	asked  []pdx.Address
	during func() // of a fetch
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, remote: map[pdx.Address]bool{holder: true}, here: map[pdx.ContentID]bool{}}
	w.pools = []pdx.Pool{{ID: 1, Buyer: me, Status: pdx.PoolOpen, TagCommitment: [32]byte{1}, Validators: []pdx.Address{other, holder}}}
	return w
}

// certified adds a deal of pool 1, whose set has this many bytes.
func (w *world) certified(root byte, size uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deals = append(w.deals, pdx.Deal{
		ID: pdx.DealID(len(w.deals) + 1), Pool: 1, Buyer: me, State: pdx.DealCertified, Required: 1,
		Certificates: []pdx.Certificate{{
			Validator: holder, Accepted: true, Set: pdx.RecordSet{Root: pdx.ContentID{root}, Tag: [32]byte{root}, Size: size},
		}},
	})
}

func (w *world) Pools(_ context.Context, f pdx.PoolFilter) (list []pdx.Pool, next string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.pools {
		if p.Status == f.Status {
			list = append(list, p)
		}
	}
	return list, "", nil
}

// Deals has pages of two.
func (w *world) Deals(_ context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = append(w.read, f.Cursor)
	from := len(f.Cursor)
	to := min(from+2, len(w.deals))
	if to == len(w.deals) {
		return w.deals[from:], "", nil
	}
	return w.deals[from:to], "xxxxxxxxxxxx"[:to], nil
}

func (w *world) FetchSet(_ context.Context, from pdx.Address, _ pdx.PoolID, id pdx.ContentID, _ uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, from)
	if !w.remote[from] {
		return pdx.ErrUnavailable
	}
	if w.during != nil {
		w.during()
	}
	w.here[id] = true
	return nil
}

func (w *world) Check(_ context.Context, id pdx.ContentID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.here[id] {
		return pdx.ErrNotFound
	}
	return nil
}

func (w *world) Discard(ctx context.Context, id pdx.ContentID) error { return w.Delete(ctx, id) }

func (w *world) Delete(_ context.Context, id pdx.ContentID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.here, id)
	return nil
}

func (w *world) has(root byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.here[pdx.ContentID{root}]
}

// run runs a keeper with room for some bytes until the test ends.
func (w *world) run(most uint64) (*recordsets.Keeper, *recordsets.Sets) {
	sets := recordsets.New(&w.table, most)
	k, err := recordsets.NewKeeper(recordsets.KeeperConfig{Account: me, Ledger: w, Fetcher: w, Blobs: w, Sets: sets})
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	w.t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return k, sets
}

// TestKeeperFetchesWhatIsCertified at once, serves it to the pool's validators only, and reads
// no page again whose sets are here.
func TestKeeperFetchesWhatIsCertified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k, sets := w.run(1 << 20)
		for i := range byte(3) {
			w.certified(i+1, 32)
			k.Wake(pdx.Event{Pool: 1, Deal: pdx.DealID(i + 1), State: string(pdx.DealCertified)})
			synctest.Wait()
			require.True(t, w.has(i+1))
		}
		require.True(t, sets.MayPull(other, pdx.ContentID{1}))
		require.False(t, sets.MayPull("stranger", pdx.ContentID{1}))
		w.mu.Lock()
		require.Len(t, w.asked, 3, "each set once")
		w.read = nil
		w.mu.Unlock()
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		require.Equal(t, []string{"xx"}, w.read)
	})
}

// TestKeeperTriesAgain when nobody had a set, and asks every validator.
func TestKeeperTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.remote = map[pdx.Address]bool{}
		w.certified(1, 32)
		w.run(1 << 20)
		require.Equal(t, []pdx.Address{holder, other}, w.asked)
		w.mu.Lock()
		w.remote[other] = true
		w.mu.Unlock()
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		require.True(t, w.has(1))
	})
}

// TestKeeperKeepsOnlyItsOwn: no set of another's pool, of a pool that takes duplicates or that
// has ended, of an impossible size, or beyond the room that there is.
func TestKeeperKeepsOnlyItsOwn(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"another's pool":   func(w *world) { w.pools[0].Buyer = other },
		"duplicates":       func(w *world) { w.pools[0].TagCommitment = [32]byte{} },
		"an ended pool":    func(w *world) { w.pools[0].Status = pdx.PoolClosed },
		"a lapsed deal":    func(w *world) { w.deals[0].State = pdx.DealLapsed },
		"another's deal":   func(w *world) { w.deals[0].Pool = 2 },
		"impossible size":  func(w *world) { w.deals[0].Certificates[0].Set.Size = 33 },
		"more than fits":   func(w *world) { w.deals[0].Certificates[0].Set.Size = 1 << 20 },
		"no set that most": func(w *world) { w.deals[0].Certificates = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.certified(1, 32)
				change(w)
				_, sets := w.run(1000)
				require.Empty(t, w.asked)
				require.Empty(t, sets.Pools())
			})
		})
	}
}

// TestKeeperLeavesNothingOfAPoolThatEndedMeanwhile: whoever retires the pool's sets while one
// is fetched does not see its bytes.
func TestKeeperLeavesNothingOfAPoolThatEndedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.certified(1, 32)
		sets := recordsets.New(&w.table, 1000)
		w.during = func() { require.NoError(t, sets.Remove(t.Context(), pdx.ContentID{1})) }
		k, err := recordsets.NewKeeper(recordsets.KeeperConfig{Account: me, Ledger: w, Fetcher: w, Blobs: w, Sets: sets})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); k.Run(ctx) }()
		synctest.Wait()
		cancel()
		<-done
		require.Equal(t, []pdx.Address{holder}, w.asked)
		require.False(t, w.has(1))
	})
}

// TestSetsOutliveTheProcess: what the table has is served again.
func TestSetsOutliveTheProcess(t *testing.T) {
	w := newWorld(t)
	record := recordsets.Record{Root: pdx.ContentID{1}, Size: 600, Pool: 1, Readers: []pdx.Address{other}}
	require.NoError(t, recordsets.New(&w.table, 1000).Add(t.Context(), record))
	sets := recordsets.New(&w.table, 1000)
	require.NoError(t, sets.Load(t.Context()))
	require.True(t, sets.Reads(other))
	err := sets.Add(t.Context(), recordsets.Record{Root: pdx.ContentID{2}, Size: 600, Pool: 1})
	require.True(t, errors.Is(err, recordsets.ErrFull), "%v", err)
	require.True(t, slices.Equal([]pdx.ContentID{{1}}, sets.Of(1)))
}
