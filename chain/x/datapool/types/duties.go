package types

import (
	"math/bits"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DutyWeight returns what was at stake for a validator in a duty, in whole units and at least
// one: the reward, and its commission of what the price leaves when all who were drawn have
// one.
func (d Deal) DutyWeight(commissionBp uint32) uint64 {
	rewards := times(verdicts(d.Draw.Count, len(d.Validators)), d.VerdictReward)
	return max(1, d.VerdictReward+partOf(d.Price.Sub(rewards), commissionBp).Uint64())
}

// Add appends a duty and drops the oldest ones beyond the window.
func (d *Duties) Add(weight uint64, missed bool, window uint32) {
	if missed {
		d.Missed |= 1 << len(d.Weights)
	}
	d.Weights = append(d.Weights, weight)
	if excess := len(d.Weights) - int(window); excess > 0 {
		d.Weights = d.Weights[excess:]
		d.Missed >>= excess
	}
}

// MissedCount returns how many of the duties were missed.
func (d Duties) MissedCount() uint32 { return uint32(bits.OnesCount64(d.Missed)) }

// Jails reports whether a validator with these duties is to be jailed: it missed enough of
// them, and what was at stake in those is a large enough part of the whole. An answered
// duty weighs at most as much as the largest missed one, so that one verdict in a
// friend's pool, however high its price, outweighs no more than one missed duty.
func (p Params) Jails(d Duties) bool {
	if p.JailMissedCount == 0 || d.MissedCount() < p.JailMissedCount {
		return false
	}
	var most uint64
	for i, weight := range d.Weights {
		if d.isMissed(i) {
			most = max(most, weight)
		}
	}
	missed, whole := math.ZeroInt(), math.ZeroInt()
	for i, weight := range d.Weights {
		part := math.NewIntFromUint64(min(weight, most))
		whole = whole.Add(part)
		if d.isMissed(i) {
			missed = missed.Add(part)
		}
	}
	return missed.MulRaw(BasisPoints).GTE(whole.MulRaw(int64(p.JailMissedBp)))
}

func (d Duties) isMissed(i int) bool { return d.Missed>>i&1 == 1 }

// validate refuses duties that no deals could have left.
func (d Duties) validate() error {
	if len(d.Weights) > MaxDutyWindow || bits.Len64(d.Missed) > len(d.Weights) {
		return errorsmod.Wrapf(ErrGenesis, "%d duties, missed %b", len(d.Weights), d.Missed)
	}
	for _, weight := range d.Weights {
		if weight == 0 {
			return errorsmod.Wrap(ErrGenesis, "a duty without weight")
		}
	}
	return nil
}

func (p Params) validateDuties() error {
	if p.DrawWait <= 0 || p.DrawWait > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "wait for a draw must be positive and at most %v", MaxDuration)
	}
	if p.DutyWindow == 0 || p.DutyWindow > MaxDutyWindow || p.JailMissedCount > p.DutyWindow || p.JailMissedBp > BasisPoints {
		return errorsmod.Wrapf(ErrParams, "duties: 1 to %d count, of which as many or fewer jail, and at most %d basis points",
			MaxDutyWindow, BasisPoints)
	}
	return nil
}
