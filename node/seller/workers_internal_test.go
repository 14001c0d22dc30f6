package seller

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// TestAStepOfADealLetsOthersOffer wakes a few of the sales of the pool that wait for their
// turn, however many there are, and none of another pool.
func TestAStepOfADealLetsOthersOffer(t *testing.T) {
	x := newWorkers()
	add := func(sale string, pool pdx.PoolID, deal pdx.DealID) *worker {
		w := &worker{sale: sale, pool: pool, deal: deal, news: notify.New()}
		x.add(w)
		return w
	}
	own := add("offered", 7, 1)
	var waiting []*worker
	for i := range 100 {
		waiting = append(waiting, add(fmt.Sprint(i), 7, 0))
	}
	other := add("elsewhere", 8, 0)
	x.wake(pdx.Event{Pool: 7, Deal: 1})
	require.True(t, hasNews(own))
	require.False(t, hasNews(other))
	woken := 0
	for _, w := range waiting {
		if hasNews(w) {
			woken++
		}
	}
	require.Equal(t, offersPerStep, woken)
	x.wake(pdx.Event{Pool: 7, Deal: 2}) // another seller's
	for _, w := range waiting {
		require.False(t, hasNews(w))
	}
}

func hasNews(w *worker) bool {
	select {
	case <-w.news:
		return true
	default:
		return false
	}
}
