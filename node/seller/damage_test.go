package seller_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// A seller starts past the damaged record of a sale, and sells on.
func TestDamagedSaleDoesNotStopTheSeller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(t)
		lost, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
		w.until(t, func() bool { return w.sale(t, s, lost.ID).Deal != 0 })
		w.stop(t, s)

		w.sales.Damage(lost.ID)
		s = w.start(t)
		require.Empty(t, s.Sales())
		o := w.order()
		o.Fields = []string{"/id"}
		_, err = s.Sell(t.Context(), o)
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, s.Sales(), 1)
		w.stop(t, s)
	})
}
