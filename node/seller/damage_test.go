package seller_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
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
		o.Fields, o.Optional = []string{"/id"}, false
		sold, err := s.Sell(t.Context(), o)
		require.NoError(t, err)
		w.until(t, func() bool { return w.sale(t, s, sold.ID).Deal != 0 })
		for _, sale := range sales(t, s) { // its deal may be taken up from the chain
			require.NotEqual(t, lost.ID, sale.ID)
		}
		w.stop(t, s)
	})
}

// A sale whose record was set aside before anything was offered is not in the way
// of another.
func TestSaleThatWasSetAsideIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.chain.balance = 0 // nothing is offered
		s := w.start(t)
		defer w.stop(t, s)
		lost, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
		w.until(t, func() bool { return w.chain.count("offer") > 0 })
		require.NoError(t, w.sales.Delete(t.Context(), lost.ID))
		w.until(t, func() bool { return len(s.InProgress()) == 0 })
		again, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
		require.NotEqual(t, lost.ID, again.ID)
	})
}

// A restored home lies elsewhere, and its disk is full.
func TestStartInAnotherHomeWithAFullDisk(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealCertified)
		elsewhere := filepath.Join(t.TempDir(), "disclosed")
		require.NoError(t, os.Rename(w.folder, elsewhere))
		w.folder = elsewhere
		w.sales.Hook = func(op string) error {
			if op == "put" {
				return store.ErrFull
			}
			return nil
		}
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		require.Equal(t, filepath.Join(elsewhere, filepath.Base(sale.Disclosed)), w.sale(t, s, sale.ID).Disclosed)
	})
}

// A live deal whose record is damaged is taken up again from the chain.
func TestDamagedSaleIsTakenUpAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealCertified)
		w.sales.Damage(sale.ID)
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		require.True(t, seller.TakenUp(w.finishes(t, s, sale.Deal).ID))
	})
}
