package adopt_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunnerRepeatsUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes, fails := 0, 3
		r, err := adopt.New(adopt.Config{Compare: func(context.Context) error {
			if passes++; passes <= fails {
				return pdx.ErrUnavailable
			}
			return nil
		}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); r.Run(ctx) }()
		synctest.Wait()
		require.ErrorIs(t, r.Err(), pdx.ErrUnavailable)
		require.False(t, r.HasRun())
		<-r.Done()
		synctest.Wait()
		require.NoError(t, r.Err())
		require.Equal(t, 4, passes)
		time.Sleep(time.Hour) // a bubble's
		require.Equal(t, 4, passes, "it succeeded once")

		fails = 5 // blocks were skipped, and the chain is away
		r.Again()
		r.Again()
		synctest.Wait()
		require.ErrorIs(t, r.Err(), pdx.ErrUnavailable)
		require.True(t, r.HasRun(), "since the start")
		time.Sleep(time.Hour) // a bubble's
		require.NoError(t, r.Err())
		cancel()
		<-over
	})
}

// ledger lists deals in pages of two.
type ledger struct {
	deals []pdx.Deal
	read  int // pages
	stale bool
}

func (l *ledger) Deals(_ context.Context, f pdx.DealFilter) (found []pdx.Deal, next string, err error) {
	if l.read++; l.stale && f.Cursor != "" {
		return nil, "", pdx.ErrInvalid
	}
	from, _ := pdx.ParseDealID(f.Cursor)
	for _, d := range l.deals {
		switch {
		case d.ID < from:
		case len(found) == 2:
			return found, d.ID.String(), nil
		default:
			found = append(found, d)
		}
	}
	return found, "", nil
}

func (l *ledger) list(t *testing.T, marks adopt.Marks) (ids []pdx.DealID) {
	t.Helper()
	l.read = 0
	require.NoError(t, adopt.Deals(t.Context(), l, marks, "me", pdx.DealFilter{}, func(d pdx.Deal) error {
		ids = append(ids, d.ID)
		return nil
	}))
	return ids
}

// History is read once; a deal that goes on is read every time.
func TestDealsBeginWhereSomethingGoesOn(t *testing.T) {
	l, marks := &ledger{}, &storetest.Table[string]{}
	for id := pdx.DealID(1); id <= 9; id++ {
		l.deals = append(l.deals, pdx.Deal{ID: id, State: pdx.DealFinal})
	}
	l.deals[5].State = pdx.DealAcked // deal 6, on the third page
	require.Len(t, l.list(t, marks), 9)
	require.Equal(t, []pdx.DealID{5, 6, 7, 8, 9}, l.list(t, marks))
	require.Equal(t, 3, l.read)
	l.deals[5].State = pdx.DealFinal
	require.Len(t, l.list(t, marks), 5)
	require.Equal(t, []pdx.DealID{9}, l.list(t, marks), "all have ended")

	l.deals = append(l.deals, pdx.Deal{ID: 10, State: pdx.DealOffered})
	require.Equal(t, []pdx.DealID{9, 10}, l.list(t, marks))
	l.stale = true // another chain
	l.deals = l.deals[:2]
	require.Equal(t, []pdx.DealID{1, 2}, l.list(t, marks))
}

func TestDealsKeepTheMarkWhenTheyFail(t *testing.T) {
	l := &ledger{deals: []pdx.Deal{{ID: 1, State: pdx.DealFinal}, {ID: 2, State: pdx.DealFinal}, {ID: 3, State: pdx.DealFinal}}}
	marks := &storetest.Table[string]{}
	err := adopt.Deals(t.Context(), l, marks, "me", pdx.DealFilter{}, func(d pdx.Deal) error {
		if d.ID == 3 {
			return pdx.ErrCorrupt
		}
		return nil
	})
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.Len(t, l.list(t, marks), 3)
}
