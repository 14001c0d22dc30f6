package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// checkConviction checks that there is a conviction exactly if the deal is FRAUD, or UNACKED
// because a promise was broken.
func (d Deal) checkConviction() error {
	c := d.Conviction
	broken := d.State == DEAL_STATE_UNACKED && d.AckMode == ACK_MODE_QUORUM
	if (c != nil) != (d.State == DEAL_STATE_FRAUD || broken) {
		return errorsmod.Wrapf(ErrGenesis, "conviction does not fit %s", d.State)
	}
	if c == nil {
		return nil
	}
	if (c.Kind == COMPLAINT_KIND_PROMISE) != broken || !broken && c.Kind != COMPLAINT_KIND_SEGMENT && c.Kind != COMPLAINT_KIND_BOX {
		return errorsmod.Wrapf(ErrComplaintKind, "kind %d", c.Kind)
	}
	sum := math.ZeroInt()
	for _, s := range c.Slashed {
		if s.Amount.IsNil() || s.Amount.IsNegative() || s.Amount.GT(math.NewIntFromUint64(d.Stake.Amount)) {
			return errorsmod.Wrapf(ErrAmount, "slash of %s", s.Address)
		}
		sum = sum.Add(s.Amount)
	}
	refund, compensation := d.Stake.Divide(sum, c.Kind)
	if c.Compensation.IsNil() || !c.Compensation.Equal(compensation) || c.Refund != refund.Uint64() {
		return errorsmod.Wrapf(ErrAmount, "of %s slashed, %s are the compensation and %s the refund", sum, compensation, refund)
	}
	return nil
}
