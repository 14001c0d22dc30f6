package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
)

// Validate refuses a deal that no sequence of messages could have made.
func (d Deal) Validate() error {
	if err := d.Dataset.Validate(); err != nil {
		return err
	}
	if _, err := pdx.ContentIDFromBytes(d.CriteriaCid); err != nil {
		return errorsmod.Wrap(ErrCriteria, err.Error())
	}
	if err := d.checkTerms(); err != nil {
		return err
	}
	for _, check := range []func() error{d.checkProgress, d.checkCertificates, d.checkDelivery, d.checkConviction, d.checkChallenge} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (d Deal) checkTerms() error {
	if err := checkAmount("price", d.Price); err != nil {
		return err
	}
	if d.Deposit.IsNil() || d.Deposit.IsNegative() || len(d.BuyerKey) != elementLen || d.BlockTime < MinBlockTime {
		return errorsmod.Wrap(ErrGenesis, "deposit, buyer key or block time is out of range")
	}
	if err := d.AckMode.validate(); err != nil {
		return err
	}
	if err := d.Deadlines.checkPositive(); err != nil {
		return err
	}
	if err := d.checkValidators(); err != nil {
		return err
	}
	if err := CheckCommissions(d.Validators, d.RequiredCertificates); err != nil {
		return err
	}
	if err := d.checkReward(); err != nil {
		return err
	}
	return d.checkTexts()
}

// checkProgress checks state, history and deadline against each other.
func (d Deal) checkProgress() error {
	if _, known := DealState_name[int32(d.State)]; !known || d.State == DEAL_STATE_UNSPECIFIED {
		return errorsmod.Wrapf(ErrGenesis, "state %d", d.State)
	}
	if n := len(d.History); n == 0 || d.History[n-1].State != d.State || d.History[0].State != DEAL_STATE_OFFERED {
		return errorsmod.Wrapf(ErrGenesis, "history does not lead from an offer to %s", d.State)
	}
	if waits := d.DeadlineHeight > 0 && !d.DeadlineTime.IsZero(); waits == d.State.Ended() {
		return errorsmod.Wrapf(ErrGenesis, "deadline does not fit %s", d.State)
	}
	if acked := d.AckHeight > 0; acked != d.entered(DEAL_STATE_ACKED) {
		return errorsmod.Wrapf(ErrGenesis, "ack height %d does not fit the history", d.AckHeight)
	}
	return d.checkSteps()
}

func (d Deal) entered(state DealState) bool {
	return slices.ContainsFunc(d.History, func(c StateChange) bool { return c.State == state })
}

func (d Deal) checkCertificates() error {
	seen := map[string]struct{}{}
	for _, c := range d.Certificates {
		if _, again := seen[c.Validator]; again {
			return errorsmod.Wrapf(ErrCertified, "%s", c.Validator)
		}
		seen[c.Validator] = struct{}{}
		if !slices.Contains(d.Validators, AcceptedValidator{Address: c.Validator, CommissionBp: c.CommissionBp}) {
			return errorsmod.Wrapf(ErrNotAccepted, "%s with commission %d", c.Validator, c.CommissionBp)
		}
		if err := checkVerdict(c.Verdict, c.Reason, c.ReportHash, c.DuplicateTag); err != nil {
			return err
		}
		if err := checkRecordSet(c.DuplicateTag, c.RecordSet, c.RecordSetSize); err != nil {
			return err
		}
		if err := d.checkTagged(c.Verdict, c.DuplicateTag); err != nil {
			return err
		}
	}
	accepts, k, certified := len(d.Accepted()), int(d.RequiredCertificates), d.entered(DEAL_STATE_CERTIFIED)
	if certified != (accepts == k) {
		return errorsmod.Wrapf(ErrCertificateCount, "%d of %d accept", accepts, d.RequiredCertificates)
	}
	return nil
}

func (d Deal) checkDelivery() error {
	if !d.entered(DEAL_STATE_DELIVERED) {
		if d.Delivery != nil || len(d.Shares) != 0 {
			return errorsmod.Wrap(ErrDelivery, "there is one before the deal was delivered")
		}
		return nil
	}
	if d.Delivery == nil || len(d.Delivery.D1) != elementLen || len(d.Delivery.D2) != elementLen || len(d.Delivery.Proof) != deliverProofLen {
		return ErrDelivery
	}
	same := func(a, b Share) bool { return a.Address == b.Address && !a.Amount.IsNil() && a.Amount.Equal(b.Amount) }
	if want := d.Split(); !slices.EqualFunc(d.Shares, want, same) {
		return errorsmod.Wrapf(ErrGenesis, "shares are %v, price and commissions give %v", d.Shares, want)
	}
	return nil
}

// Holds returns what the module holds for the deal: the deposit until it ends, and
// the price from the certification until it is paid out or given back, and the fee of an
// open challenge.
func (d Deal) Holds() math.Int {
	if d.State.Ended() {
		return math.ZeroInt()
	}
	holds := d.Deposit
	if d.State.Reserves() {
		holds = holds.Add(d.Price)
	}
	if d.Challenged() {
		holds = holds.Add(math.NewIntFromUint64(d.Challenge.Fee))
	}
	return holds
}
