package clienttest

import (
	"testing"

	"github.com/medibloc/pdx"
)

// Certified opens a pool and offers and certifies a dataset in it; the deal then waits for
// the buyer's ack.
func Certified(t *testing.T, chain Chain) (pdx.PoolID, pdx.DealID) {
	t.Helper()
	m := newMarket(t, chain)
	pool := m.openPool(2, 1)
	deal := m.offer(pool, 1)
	m.certify(deal, 1)
	return pool, deal
}
