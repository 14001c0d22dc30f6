package seller_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store/storetest"
)

// settledSales are sales of the past, with one dataset each.
func settledSales(t *testing.T, w *world, n int) {
	t.Helper()
	all, data := map[string]model.Sale{}, map[string]model.Data{}
	for i := range n {
		id := fmt.Sprintf("s%06d", i)
		all[id] = model.Sale{
			ID: id, Pool: 7, Data: fmt.Sprintf("d%06d", i), State: model.SaleFinal, Settled: true, Deal: pdx.DealID(1000 + i),
			Dataset: &pdx.Dataset{Root: pdx.ContentID{2, byte(i), byte(i >> 8)}, Size: 1000},
			Created: time.Date(1990, 1, 1, 0, i, 0, 0, time.UTC), Updated: time.Date(1990, 2, 1, 0, i, 0, 0, time.UTC),
		}
		data[all[id].Data] = model.Data{ID: all[id].Data, Name: fmt.Sprintf("n%06d", i), Path: fmt.Sprintf("/n%06d", i)}
	}
	require.NoError(t, w.sales.PutAll(t.Context(), all))
	require.NoError(t, w.data.PutAll(t.Context(), data))
}

// calls counts the calls of a table by their names.
type calls struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *calls) hook(op string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[op]++
	return nil
}

func (c *calls) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = map[string]int{}
	return n
}

// Start, an order, a registration, an event and the first page of a list make the same
// calls of the store whether there are 10 sales of the past or 300, and none of them
// reads a whole table.
func TestHistoryCostsNothing(t *testing.T) {
	cost := func(n int) (found []map[string]int, memory int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			settledSales(t, w, n)
			w.chain.balance = 0 // nothing is offered
			var sales, data calls
			sales.take()
			data.take()
			w.sales.Hook, w.data.Hook = sales.hook, data.hook
			step := func(do func()) {
				do()
				synctest.Wait()
				found = append(found, sales.take(), data.take())
			}
			var s *seller.Service
			step(func() { s = w.start(t) })
			defer w.stop(t, s)
			step(func() { s.Wake(pdx.Event{Kind: "EventDealState", Pool: 7, Deal: 1005, State: string(pdx.DealFinal)}) })
			step(func() {
				_, err := s.AddData(t.Context(), w.file, "", "", nil)
				require.NoError(t, err)
			})
			step(func() {
				_, next, err := s.ListSales(t.Context(), model.Page{Limit: 5, Reverse: true})
				require.NoError(t, err)
				require.NotEmpty(t, next)
			})
			step(func() {
				_, _, err := s.ListData(t.Context(), model.Page{Limit: 5})
				require.NoError(t, err)
			})
			step(func() {
				_, err := s.Sell(t.Context(), w.order())
				require.NoError(t, err)
			})
			memory = len(s.InProgress())
		})
		return found, memory
	}
	few, memory := cost(10)
	require.Equal(t, 1, memory, "settled sales are not in memory")
	many, memory := cost(300)
	require.Equal(t, 1, memory)
	require.Equal(t, few, many)
	for _, step := range many {
		require.NotContains(t, slices.Collect(maps.Keys(step)), "all")
	}
}

func TestListsInPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		settledSales(t, w, 25)
		last := w.sell(t, s)
		for _, reverse := range []bool{false, true} {
			var got []string
			for page := (model.Page{Limit: 4, Reverse: reverse}); ; {
				list, next, err := s.ListSales(t.Context(), page)
				require.NoError(t, err)
				require.LessOrEqual(t, len(list), 4)
				for _, sale := range list {
					got = append(got, sale.ID)
				}
				if page.Cursor = next; next == "" {
					break
				}
			}
			require.Len(t, got, 26)
			if reverse {
				slices.Reverse(got)
			}
			require.Equal(t, []string{"s000000", "s000001"}, got[:2], "oldest first")
			require.Equal(t, last, got[25])
		}
		list, next, err := s.ListData(t.Context(), model.Page{Limit: 25})
		require.NoError(t, err)
		require.Equal(t, "n000000", list[0].Name)
		require.Len(t, list, 25)
		list, next, err = s.ListData(t.Context(), model.Page{Limit: 25, Cursor: next})
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, list, 1)
		require.Equal(t, "visits", list[0].Name)
		_, _, err = s.ListSales(t.Context(), model.Page{Limit: 1, Cursor: "no cursor"})
		require.ErrorIs(t, err, pdx.ErrInvalid)
		name, err := s.DataName(t.Context(), "d000003")
		require.NoError(t, err)
		require.Equal(t, "n000003", name)
		name, err = s.DataName(t.Context(), "gone")
		require.NoError(t, err)
		require.Empty(t, name)
	})
}

// A row that was set aside leaves its name and its path to others.
func TestNamesOfRowsThatAreGone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		was, err := s.GetData(t.Context(), w.name)
		require.NoError(t, err)
		w.data.Damage(was.ID)
		for _, what := range []string{was.Name, was.ID} {
			_, err = s.GetData(t.Context(), what)
			require.ErrorIs(t, err, pdx.ErrNotFound)
		}
		again, err := s.AddData(t.Context(), w.file, was.Name, "", nil)
		require.NoError(t, err)
		require.NotEqual(t, was.ID, again.ID)
		for _, what := range []string{again.Name, again.ID} {
			got, err := s.GetData(t.Context(), what)
			require.NoError(t, err)
			require.Equal(t, again.ID, got.ID)
		}
	})
}

// disclosedFile writes the records of a settled sale of an older program.
func (w *world) disclosedFile(t *testing.T, id string) string {
	t.Helper()
	path := filepath.Join(w.folder, id+".ndjson")
	require.NoError(t, os.WriteFile(path, []byte("records\n"), 0o600))
	sale, err := w.sales.Get(t.Context(), id)
	require.NoError(t, err)
	sale.Disclosed = path
	require.NoError(t, w.sales.Put(t.Context(), id, sale))
	return path
}

func TestPruneSales(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		settledSales(t, w, 10)
		old, young := w.disclosedFile(t, "s000001"), w.disclosedFile(t, "s000009")
		registered, err := w.sales.Get(t.Context(), "s000002") // served from the registered file itself
		require.NoError(t, err)
		registered.Disclosed = w.file
		require.NoError(t, w.sales.Put(t.Context(), registered.ID, registered))
		live := w.sell(t, s)
		prune := func(dryRun bool) (all model.PrunedSales) {
			p := model.Prune{Before: time.Date(1990, 2, 1, 0, 8, 0, 0, time.UTC), DryRun: dryRun, Limit: 3}
			for {
				part, err := s.PruneSales(t.Context(), p)
				require.NoError(t, err)
				all.Sales, all.Kept = append(all.Sales, part.Sales...), all.Kept+part.Kept
				all.Files, all.Bytes = all.Files+part.Files, all.Bytes+part.Bytes
				if p.Cursor = part.Next; p.Cursor == "" {
					return all
				}
			}
		}
		open := prune(false)
		require.Empty(t, open.Sales, "the pool is open")
		require.Equal(t, 8, open.Kept)

		w.until(t, func() bool { return w.sale(t, s, live).Settled })
		w.chain.mu.Lock()
		w.chain.pool.Status = pdx.PoolClosed
		w.chain.mu.Unlock()
		dry := prune(true)
		require.Len(t, dry.Sales, 8)
		require.Equal(t, 1, dry.Files)
		require.EqualValues(t, len("records\n"), dry.Bytes)
		require.FileExists(t, old)
		require.Len(t, sales(t, s), 11, "a dry run removes nothing")

		require.Equal(t, dry, prune(false))
		require.NoFileExists(t, old)
		require.FileExists(t, young)
		require.FileExists(t, w.file, "registered data stays")
		var left []string
		for _, sale := range sales(t, s) {
			left = append(left, sale.ID)
		}
		require.Equal(t, []string{"s000008", "s000009", live}, left)
		require.Empty(t, prune(false).Sales)
	})
}

// What is disclosed stays for as long as the deal can need it, and then only if the owner
// keeps it.
func TestDisclosedRecordsGoWithTheSale(t *testing.T) {
	for _, keep := range []bool{false, true} {
		inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
			w.stop(t, s)
			w.keepDisclosed = keep
			s = w.start(t)
			defer func() { w.stop(t, s) }()
			w.chain.autoEnd = false
			sale := w.reaches(t, s, w.sell(t, s), model.SaleDelivered)
			records, err := os.ReadFile(sale.Disclosed)
			require.NoError(t, err, "a dispute may follow")
			require.Equal(t, w.plain, string(records))
			info, err := os.Stat(sale.Disclosed)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

			w.chain.move(sale.Deal, pdx.DealFinal)
			w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
			if over := w.sale(t, s, sale.ID); keep {
				require.Equal(t, sale.Disclosed, over.Disclosed)
				require.FileExists(t, over.Disclosed)
			} else {
				require.Empty(t, over.Disclosed)
				require.NoFileExists(t, sale.Disclosed)
			}
		})
	}
}

// A sale's records that another sale is served from stay.
func TestSharedRecordsStay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		w.stop(t, s)
		other := sale
		other.ID, other.Deal, other.Settled, other.State = "deal-99", 0, true, model.SaleLapsed
		require.NoError(t, w.sales.Put(t.Context(), other.ID, other))
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.chain.mu.Lock()
		w.chain.pool.Status = pdx.PoolClosed
		w.chain.mu.Unlock()
		gone, err := s.PruneSales(storetest.Quiet(t.Context()), model.Prune{Before: time.Now().Add(time.Hour), Limit: 10})
		require.NoError(t, err)
		require.Empty(t, gone.Sales, "a sale of the pool goes on")
		require.FileExists(t, sale.Disclosed)
	})
}
