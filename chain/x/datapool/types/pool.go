package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// Validate refuses a pool that no message could have made.
func (p Pool) Validate() error {
	if _, err := group.DecodePoint(p.BuyerKey); err != nil {
		return errorsmod.Wrap(ErrBuyerKey, err.Error())
	}
	if _, err := pdx.ContentIDFromBytes(p.CriteriaCid); err != nil {
		return errorsmod.Wrap(ErrCriteria, err.Error())
	}
	if err := p.AckMode.validate(); err != nil {
		return err
	}
	if err := p.checkMoney(); err != nil {
		return err
	}
	if err := checkPoolValidators(p.Buyer, p.Validators, p.RequiredCertificates); err != nil {
		return err
	}
	if err := p.checkDraw(); err != nil {
		return err
	}
	if err := checkReward(p.VerdictReward, p.Price, p.DrawCount, len(p.Validators)); err != nil {
		return err
	}
	if err := checkTagCommitment(p.TagCommitment, p.MaxOverlapPpm); err != nil {
		return err
	}
	if err := p.Deadlines.checkPositive(); err != nil {
		return err
	}
	if p.MaxDatasetSize == 0 || p.MaxDatasetSize > MaxDatasetSize {
		return errorsmod.Wrapf(ErrMaxDatasetSize, "%d bytes", p.MaxDatasetSize)
	}
	if err := checkQueued(p.QueuedHeight, p.Status == POOL_STATUS_OPEN, p.ExpiryHeight); err != nil {
		return err
	}
	return p.checkTexts()
}

// checkMoney holds the escrow of an open pool to what it has yet to reserve;
// every other pool has none.
func (p Pool) checkMoney() error {
	if err := checkAmount("price", p.Price); err != nil {
		return err
	}
	if p.TargetCount == 0 || p.DeliveredCount > p.ReservedCount || p.ReservedCount > p.TargetCount {
		return errorsmod.Wrapf(ErrGenesis, "counts: %d delivered, %d reserved, %d wanted", p.DeliveredCount, p.ReservedCount, p.TargetCount)
	}
	if _, known := PoolStatus_name[int32(p.Status)]; !known || p.Status == POOL_STATUS_UNSPECIFIED {
		return errorsmod.Wrapf(ErrGenesis, "status %d", p.Status)
	}
	if p.AckCosts.IsNil() || p.AckCosts.IsNegative() || p.VerdictCost > p.VerdictReward || p.OfferCost > MaxCost {
		return errorsmod.Wrapf(ErrGenesis, "costs: %s without acks, %d of a verdict, %d of an offer", p.AckCosts, p.VerdictCost, p.OfferCost)
	}
	want := math.ZeroInt()
	if p.Status == POOL_STATUS_OPEN {
		want = p.Price.Mul(math.NewIntFromUint64(p.TargetCount - p.ReservedCount)).Sub(p.AckCosts)
	}
	if p.Escrow.IsNil() || p.Escrow.IsNegative() || !p.Escrow.Equal(want) {
		return errorsmod.Wrapf(ErrEscrow, "a pool that is %s and has reserved %d of %d must hold %s",
			p.Status, p.ReservedCount, p.TargetCount, want)
	}
	return nil
}

func (d Deadlines) checkPositive() error {
	for i, wait := range d.list() {
		if wait <= 0 {
			return errorsmod.Wrapf(ErrDeadlines, "%s is not positive", deadlineNames[i])
		}
	}
	return nil
}

func (m AckMode) validate() error {
	if m != ACK_MODE_BUYER && m != ACK_MODE_QUORUM {
		return errorsmod.Wrapf(ErrAckMode, "mode %d", m)
	}
	return nil
}
