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
	stuck := StuckSales(sales, now)
	if len(stuck) == 0 {
		return nil
	}
	first := stuck[0].Reason
	if stuck[0].Deal != 0 {
		first = fmt.Sprintf("deal %v: %s", stuck[0].Deal, first)
	}
	return []api.Health{{Part: "sales", Message: fmt.Sprintf("sales that do not go on: %d; %s; see 'pdx sales'", len(stuck), first)}}
}

// StuckSales are the sales that have waited for something for more than a moment.
func StuckSales(sales []model.Sale, now time.Time) (stuck []model.Sale) {
	for _, s := range sales {
		if !s.State.Ended() && s.Reason != "" && now.Sub(s.Updated) >= stuckAfter {
			stuck = append(stuck, s)
		}
	}
	return stuck
}

// StuckPulls are the pulls that have waited for something for more than a moment.
func StuckPulls(pulls []model.Pull, now time.Time) (stuck []model.Pull) {
	for _, p := range pulls {
		if !p.State.Done() && p.Reason != "" && !p.Since.IsZero() && now.Sub(p.Since) >= stuckAfter {
			stuck = append(stuck, p)
		}
	}
	return stuck
}
