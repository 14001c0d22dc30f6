package api

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// FromAmount is an amount as messages carry it.
func FromAmount(a pdx.Amount) *nodepb.Amount {
	return &nodepb.Amount{Amount: fmt.Sprintf("%d", uint64(a)), Denom: pdx.Denom}
}

// ToAmount reads what FromAmount wrote. An unset amount is 0; digits or a
// denomination that package pdx does not know are pdx.ErrInvalid.
func ToAmount(m *nodepb.Amount) (pdx.Amount, error) {
	if m == nil {
		return 0, nil
	}
	if m.Denom != pdx.Denom {
		return 0, fmt.Errorf("denomination %q: %w: use %s", m.Denom, pdx.ErrInvalid, pdx.Denom)
	}
	return pdx.ParseAmount(m.Amount + m.Denom)
}
