package validator

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// One worker and four slots, one for each asker: who waited longest is next, and the
// rest are told what is full.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 3)
		require.Equal(t, Queue{Workers: 1, Slots: 3, Each: 1}, q.state())
		started := make(chan pdx.Address, 4)
		var free []func()
		var tickets []*ticket
		for i, asker := range []pdx.Address{"a", "b", "c", "d"} {
			ticket, err := q.admit(asker, pdx.DealID(i))
			require.NoError(t, err)
			tickets = append(tickets, ticket)
			go func() {
				f, err := q.work(t.Context(), asker, func(p pdx.Progress) {
					if p.Stage != pdx.StageQueued || p.Done >= p.Total {
						t.Errorf("progress %+v", p)
					}
				})
				if err != nil {
					t.Error(err)
				}
				free = append(free, f)
				started <- asker
			}()
			synctest.Wait()
			require.Equal(t, i, q.state().Waiting)
		}
		_, err := q.admit("a", 9)
		require.ErrorIs(t, err, ErrBusy)
		require.ErrorContains(t, err, "1 deal of yours")
		_, err = q.admit("e", 9)
		require.ErrorIs(t, err, ErrBusy)
		require.ErrorContains(t, err, "4 deals in progress")

		for i, want := range []pdx.Address{"a", "b", "c", "d"} {
			synctest.Wait()
			require.Len(t, started, 1, "one works at a time")
			require.Equal(t, want, <-started, "who waited longest is next")
			free[i]()
			tickets[i].leave()
		}
		require.Equal(t, Queue{Workers: 1, Slots: 3, Each: 1}, q.state())
		require.Empty(t, q.askers, "nobody is remembered")
	})
}
