package buyer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// TestAnothersPoolIsNamedAsSuch wants the error to say who can close a pool.
func TestAnothersPoolIsNamedAsSuch(t *testing.T) {
	in(t, func(t *testing.T, w *world, s *buyer.Service, pool pdx.PoolID) {
		w.mu.Lock()
		w.pools[pool-1].Buyer = seller
		w.mu.Unlock()
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.ErrorIs(t, err, pdx.ErrRefused)
		require.ErrorContains(t, err, "only its buyer, "+string(seller)+", can close it")
	})
}
