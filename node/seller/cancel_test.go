package seller_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// TestCancel withdraws an offer that no validator answers.
func TestCancel(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.validators = map[pdx.Address]ask{"panacea1val1": silent, "panacea1val2": silent}
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).State == model.SaleOffered })
		deal := w.sale(t, s, id).Deal
		require.ErrorIs(t, s.Cancel(t.Context(), deal+1), pdx.ErrNotFound)
		require.ErrorIs(t, s.Cancel(t.Context(), 0), pdx.ErrNotFound)
		require.NoError(t, s.Cancel(t.Context(), deal))
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, model.SaleLapsed, w.sale(t, s, id).State)
		require.Contains(t, w.sale(t, s, id).Reason, "withdrawn")
		require.ErrorIs(t, s.Cancel(t.Context(), deal), pdx.ErrNotFound)
	})
}

// TestAnOfferThatStands is not withdrawn, and the sale goes on.
func TestAnOfferThatStands(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.validators = map[pdx.Address]ask{"panacea1val1": silent, "panacea1val2": silent}
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).State == model.SaleOffered })
		w.chain.mu.Lock()
		w.chain.deals[0].Certificates = []pdx.Certificate{{Validator: "panacea1val1", Accepted: false, Reason: pdx.RejectCriteria}}
		w.chain.mu.Unlock()
		require.ErrorIs(t, s.Cancel(t.Context(), w.sale(t, s, id).Deal), pdx.ErrWrongState)
		require.False(t, w.sale(t, s, id).Withdrawn)
	})
}

// TestNoOfferAtAHigherCost: what became dearer since the order is not paid.
func TestNoOfferAtAHigherCost(t *testing.T) {
	for name, raise := range map[string]func(*chain){
		"commission": func(c *chain) { c.greed = 1 },
		"deposit":    func(c *chain) { c.dearer = 1 },
		"terms":      func(c *chain) { c.pool.Terms = append(c.pool.Terms, pdx.Term{ID: 9, Title: "And anything else"}) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				w.stop(t, s)
				sale := w.planned(t)
				require.NoError(t, w.sales.Put(t.Context(), sale.ID, sale))
				raise(w.chain)
				s = w.start(t)
				defer func() { w.stop(t, s) }()
				w.until(t, func() bool { return w.sale(t, s, sale.ID).State == model.SaleFailed })
				require.Zero(t, w.chain.count("offer"))
			})
		})
	}
}
