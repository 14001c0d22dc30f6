package health

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/model"
)

// stuckAfter is how long a deal may wait for something before health names it: most waits
// are over with the next block or the next try.
const stuckAfter = time.Minute

// Sales names sales that do not go on.
func Sales(sales []model.Sale, now time.Time) []api.Health {
	stuck, first := 0, ""
	for _, s := range sales {
		if s.State.Ended() || s.Reason == "" || now.Sub(s.Updated) < stuckAfter {
			continue
		}
		if stuck++; stuck == 1 {
			first = s.Reason
			if s.Deal != 0 {
				first = fmt.Sprintf("deal %v: %s", s.Deal, s.Reason)
			}
		}
	}
	if stuck == 0 {
		return nil
	}
	return []api.Health{{Part: "sales", Message: fmt.Sprintf("sales that do not go on: %d; %s; see 'pdx sales'", stuck, first)}}
}
