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
		o := w.order()
		o.Fields = []string{"/id"}
		sold, err := s.Sell(t.Context(), o)
		require.NoError(t, err)
		w.until(t, func() bool { return w.sale(t, s, sold.ID).Deal != 0 })
		for _, sale := range s.Sales() { // its deal may be taken up from the chain
			require.NotEqual(t, lost.ID, sale.ID)
		}
		w.stop(t, s)
	})
}
