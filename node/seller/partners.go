package seller

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/watch"
)

// byPartner indexes the sales whose deals have not ended by the accounts that deal with
// them: the buyer and the validators.
func byPartner(sales *watch.Map[string, model.Sale]) saleIndex[pdx.Address] {
	return watch.NewIndex(sales, func(s model.Sale, under func(pdx.Address)) {
		if s.Deal == 0 || !live(s) {
			return
		}
		under(s.Terms.Buyer)
		for _, v := range s.Validators {
			under(v)
		}
	})
}

// DealsWith reports from memory whether an account is the buyer or a validator of a deal of
// this seller that has not ended.
func (s *Service) DealsWith(account pdx.Address) bool {
	return account != "" && s.feed.partners.Has(account)
}
