package seller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// The buyer and the validators of a deal are its parties from the offer to its end.
func TestPartiesOfLiveDeals(t *testing.T) {
	s := &Service{feed: newFeed()}
	sale := model.Sale{ID: "s1", Validators: []pdx.Address{"v1", "v2"}, Terms: model.Terms{Buyer: "b"}, State: model.SaleOffering}
	deals := func(want bool) {
		t.Helper()
		for _, account := range []pdx.Address{"b", "v1", "v2"} {
			require.Equal(t, want, s.DealsWith(account), account)
		}
		require.False(t, s.DealsWith("other"))
	}
	s.feed.set(sale)
	deals(false)
	sale.Deal, sale.State = 7, model.SaleOffered
	s.feed.set(sale)
	deals(true)
	other := sale
	other.ID, other.Deal = "s2", 8
	s.feed.set(other)
	sale.State = model.SaleFinal
	s.feed.set(sale)
	deals(true)
	other.State = model.SaleLapsed
	s.feed.set(other)
	deals(false)
}
