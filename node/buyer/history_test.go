package buyer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/storetest"
)

// Where all is over, nothing is read again: neither the deals of the pool nor its orders.
func TestFinishedPoolsAreNotReadAgain(t *testing.T) {
	for name, failed := range map[string]bool{"all was opened": false, "one dataset was not as certified": true} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
				const n = 5
				w.prompt = !failed
				for i := range n {
					w.certify(pdx.DealID(i+1), pool, patients(2))
				}
				w.order(s, pool)
				if failed { // one that is paid for and never opened here
					w.settle(func() bool { return state(s, n) == model.PullAcked })
					require.NoError(t, s.Stop(t.Context()))
					p := find(s, 1)
					p.State = model.PullFailed
					require.NoError(t, w.pulls.Put(t.Context(), "1", p))
					w.set(1, pdx.DealFinal)
					s = w.start()
					defer func() { require.NoError(t, s.Stop(context.Background())) }()
					for i := range n - 1 {
						w.set(pdx.DealID(i+2), pdx.DealUndelivered)
					}
				} else {
					w.settle(func() bool { return state(s, n) == model.PullOpened })
					for i := range n {
						w.set(pdx.DealID(i+1), pdx.DealFinal)
					}
				}
				_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
				require.NoError(t, err)
				rest(time.Hour)
				secrets, err := w.secrets.Count(t.Context())
				require.NoError(t, err)
				require.Positive(t, secrets, "the key is kept for what was paid for")

				var reads atomic.Int64
				w.setFail(func(point string) error {
					if point == "+deals" || point == "+deal" || point == "+pool" {
						reads.Add(1)
					}
					return nil
				})
				w.orders.Hook = func(string) error { reads.Add(1); return nil }
				rest(24 * time.Hour)
				require.Zero(t, reads.Load(), "a day later, nothing was read")
				w.setFail(nil)
			})
		})
	}
}

// In a pool that goes on, deals that are over are not read again.
func TestDealsThatAreOverAreNotReadAgain(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		const n = 30 // the ledger has 2 on a page
		for i := range n {
			w.certify(pdx.DealID(i+1), pool, patients(1))
		}
		w.order(s, pool)
		w.settle(func() bool { return len(s.InProgress(pool)) == n && state(s, n) == model.PullOpened })
		for i := range n - 10 {
			w.set(pdx.DealID(i+1), pdx.DealFinal)
		}
		w.settle(func() bool { return len(s.InProgress(pool)) == 10 })
		rest(time.Hour)
		var pages atomic.Int64
		w.setFail(func(point string) error {
			if point == "+deals" {
				pages.Add(1)
			}
			return nil
		})
		rest(10 * time.Minute)
		w.setFail(nil)
		require.Positive(t, pages.Load())
		require.LessOrEqual(t, pages.Load(), int64(6), "pages of a scan")

		w.certify(n+1, pool, patients(1)) // it still finds what is new
		w.settle(func() bool { return state(s, n+1) == model.PullOpened })
		require.NoError(t, s.Stop(t.Context()))
		s = w.start()
		defer func() { require.NoError(t, s.Stop(context.Background())) }()
		require.Len(t, s.InProgress(pool), 11, "what is done is not in memory")
		w.set(n, pdx.DealFinal)
		w.settle(func() bool { return state(s, n) == model.PullFinal })
	})
}

func TestPullsInPages(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		all := map[string]model.Pull{}
		for i := range 30 {
			id := pdx.DealID(i*7 + 3)
			all[id.String()] = model.Pull{Deal: id, Pool: pool + pdx.PoolID(i%3), State: model.PullFinal}
		}
		require.NoError(t, w.pulls.PutAll(t.Context(), all))
		w.certify(5, pool, patients(1)) // nobody ordered it
		s.Resume()
		w.settle(func() bool { return len(s.InProgress(0)) == 1 })
		for _, of := range []pdx.PoolID{0, pool} {
			var want []pdx.DealID
			for _, p := range all {
				if of == 0 || p.Pool == of {
					want = append(want, p.Deal)
				}
			}
			want = append(want, 5)
			slices.Sort(want)
			for _, reverse := range []bool{false, true} {
				for _, limit := range []int{1, 4, 10, 31, 50} {
					var got []pdx.DealID
					for page := (model.Page{Limit: limit, Reverse: reverse}); ; {
						list, next, err := s.ListPulls(t.Context(), of, page)
						require.NoError(t, err)
						require.LessOrEqual(t, len(list), limit)
						for _, p := range list {
							got = append(got, p.Deal)
						}
						if page.Cursor = next; next == "" {
							break
						}
					}
					if reverse {
						slices.Reverse(got)
					}
					require.Equal(t, want, got, "pool %v, %d a page", of, limit)
				}
			}
		}
		for _, cursor := range []string{"x", "-1", "0", "99999999999999999999"} {
			_, _, err := s.ListPulls(t.Context(), 0, model.Page{Limit: 1, Cursor: cursor})
			require.ErrorIs(t, err, pdx.ErrInvalid, cursor)
		}
	})
}

func prune(t *testing.T, s *buyer.Service, p model.Prune) (all model.PrunedPulls) {
	t.Helper()
	for p.Limit = 2; ; {
		part, err := s.PrunePulls(storetest.Quiet(t.Context()), p)
		require.NoError(t, err)
		all.Pulls, all.Kept = append(all.Pulls, part.Pulls...), all.Kept+part.Kept
		if p.Cursor = part.Next; p.Cursor == "" {
			return all
		}
	}
}

func TestPrunePulls(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.prompt = true
		const n = 5
		for i := range n {
			w.certify(pdx.DealID(i+1), pool, patients(2))
		}
		w.order(s, pool)
		w.settle(func() bool { return state(s, n) == model.PullOpened })
		for i := range n {
			w.set(pdx.DealID(i+1), pdx.DealFinal)
		}
		w.settle(func() bool { return len(s.InProgress(0)) == 0 })
		old, err := w.pulls.Get(t.Context(), "2") // of an older program
		require.NoError(t, err)
		require.False(t, old.Ended.IsZero())
		old.Ended = time.Time{}
		require.NoError(t, w.pulls.Put(t.Context(), "2", old))

		later := model.Prune{Before: time.Now().Add(time.Hour)}
		open := prune(t, s, later)
		require.Empty(t, open.Pulls, "the pool takes offers")
		require.Equal(t, n, open.Kept)
		_, err = s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		w.settle(w.finished)

		require.Empty(t, prune(t, s, model.Prune{Before: time.Now().Add(-time.Hour)}).Pulls, "too young")
		later.DryRun = true
		require.Len(t, prune(t, s, later).Pulls, n)
		require.Len(t, pulls(s), n)
		later.DryRun = false
		require.Len(t, prune(t, s, later).Pulls, n)
		require.Empty(t, pulls(s))
		orders, err := s.Orders(t.Context())
		require.NoError(t, err)
		require.Empty(t, orders)
		for i := range n {
			bought, err := os.ReadFile(filepath.Join(w.out, fmt.Sprintf("deal-%d", i+1), "records.ndjson"))
			require.NoError(t, err, "what was bought stays")
			require.NotEmpty(t, bought)
		}

		// Nothing of it is begun again.
		s.Resume()
		s.CompareAgain()
		rest(time.Hour)
		require.Empty(t, pulls(s))
	})
}
