package clienttest

import (
	"testing"

	"github.com/medibloc/pdx"
)

// Certified makes a pool and a deal in it that waits for the buyer.
func Certified(t *testing.T, chain Chain) (pdx.PoolID, pdx.DealID) {
	t.Helper()
	m := newMarket(t, chain)
	pool := m.openPool(2, 1)
	deal := m.offer(pool, 1)
	m.certify(deal, 1)
	return pool, deal
}
