package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// complaintsInStake is how many complaints' cost a stake covers at least: the one that is
// refunded, and as much again to pay the buyer.
const complaintsInStake = 2

// NewStake returns the stake of each of the k validators that accept a dataset of a price
// and a size.
func (p Params) NewStake(price math.Int, k uint32, size uint64) Stake {
	shared := partOf(price, p.SlashFractionBp).QuoRaw(int64(k)).Uint64()
	return Stake{
		Amount:        max(complaintsInStake*max(p.SegmentComplaintCost, p.BoxComplaintCost, p.ChallengeCost), shared),
		SegmentRefund: p.SegmentComplaintCost,
		BoxRefund:     p.BoxComplaintCost, ChallengeRefund: p.ChallengeCost,
		Compensation: p.CompensationBase + p.CompensationPerMib*((size+mib-1)/mib),
		JailTime:     p.JailTime,
	}
}

// Divide returns the buyer's parts of what was slashed: the refund of its complaint, or of its
// challenge, comes first, then the compensation. Neither depends on the price, which is as high as a buyer
// and a seller who conspire like; the rest is the community's.
func (s Stake) Divide(slashed math.Int, kind ComplaintKind) (refund, compensation math.Int) {
	cost := s.SegmentRefund
	switch kind {
	case COMPLAINT_KIND_BOX:
		cost = s.BoxRefund
	case COMPLAINT_KIND_PROMISE:
		cost = s.ChallengeRefund
	}
	refund = math.MinInt(slashed, math.NewIntFromUint64(cost))
	return refund, math.MinInt(slashed.Sub(refund), math.NewIntFromUint64(s.Compensation))
}

// partOf returns the integer part of amount × bp / BasisPoints.
func partOf(amount math.Int, bp uint32) math.Int {
	return amount.Mul(math.NewIntFromUint64(uint64(bp))).QuoRaw(BasisPoints)
}

// validateStake keeps stakes, refunds and compensations within 64 bits.
func (p Params) validateStake() error {
	if p.SlashFractionBp > BasisPoints {
		return errorsmod.Wrapf(ErrParams, "slash must be at most %d basis points", BasisPoints)
	}
	for _, amount := range []uint64{
		p.DepositPerByte, p.VerdictCost, p.DrawnVerdictCost, p.OfferCost, p.SegmentComplaintCost, p.BoxComplaintCost,
		p.CompensationBase, p.CompensationPerMib,
	} {
		if amount > MaxCost {
			return errorsmod.Wrapf(ErrParams, "costs and compensations must be at most %d", uint64(MaxCost))
		}
	}
	return nil
}

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
