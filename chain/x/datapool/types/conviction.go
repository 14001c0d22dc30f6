package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Slash returns what a validator with this bond loses by one conviction.
func (p Params) Slash(bond math.Int) math.Int { return partOf(bond, p.SlashFractionBp) }

// Compensation returns the buyer's part of what was slashed for a deal of this price. It is
// bounded by the price, so that a buyer who conspires with the seller cannot profit from the
// bonds of misled validators.
func (p Params) Compensation(slashed, price math.Int) math.Int {
	return math.MinInt(slashed, partOf(price, p.SlashCompensationBp))
}

// partOf returns the integer part of amount × bp / BasisPoints.
func partOf(amount math.Int, bp uint32) math.Int {
	return amount.Mul(math.NewIntFromUint64(uint64(bp))).QuoRaw(BasisPoints)
}

// checkConviction checks that there is a conviction exactly if the deal is FRAUD.
func (d Deal) checkConviction() error {
	c := d.Conviction
	if (c != nil) != (d.State == DEAL_STATE_FRAUD) {
		return errorsmod.Wrapf(ErrGenesis, "conviction does not fit %s", d.State)
	}
	if c == nil {
		return nil
	}
	if c.Kind != COMPLAINT_KIND_SEGMENT && c.Kind != COMPLAINT_KIND_BOX {
		return errorsmod.Wrapf(ErrComplaintKind, "kind %d", c.Kind)
	}
	sum := math.ZeroInt()
	for _, s := range c.Slashed {
		if s.Amount.IsNil() || s.Amount.IsNegative() {
			return errorsmod.Wrapf(ErrAmount, "slash of %s", s.Address)
		}
		sum = sum.Add(s.Amount)
	}
	if c.Compensation.IsNil() || c.Compensation.IsNegative() || c.Compensation.GT(sum) {
		return errorsmod.Wrapf(ErrAmount, "compensation of %s", sum)
	}
	return nil
}
