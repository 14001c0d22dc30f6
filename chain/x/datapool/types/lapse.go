package types

import "cosmossdk.io/math"

// others is how many of a deal's verdicts are not among those that count to the k it requires.
func (d Deal) others() int { return len(d.Certificates) - len(d.counting()) }

// Undecided reports whether k accepts are still possible.
func (d Deal) Undecided() bool {
	return d.Undrawn() || d.others() <= len(d.Validators)-int(d.RequiredCertificates)
}

// Lapses reports whether the verdicts of an offered deal end it: k accepts are impossible,
// and the verdicts to come cannot make it a dispute.
func (d Deal) Lapses() bool {
	return !d.Undecided() && !d.hangsOnOne()
}

// hangsOnOne reports whether one verdict more than k accepts can spare is none, so that all
// the rest could be accepts.
func (d Deal) hangsOnOne() bool {
	return d.others() == len(d.Validators)-int(d.RequiredCertificates)+1 && len(d.Certificates) < len(d.Validators)
}

// disputed reports whether all validators gave their verdict, and one accept was missing
// while others accepted: one side is wrong, and nobody can tell which.
func (d Deal) disputed() bool {
	accepts := len(d.counting())
	return accepts > 0 && accepts == int(d.RequiredCertificates)-1 && len(d.Certificates) == len(d.Validators)
}

// disputeEarned returns what the verdicts of a dispute earn from the deposit, so that both
// sides bear the same: of what the offer and all verdicts cost, a half. One side are the
// seller and the accepts, which earn their cost, the other one those who did not accept. They
// earn what they spent beyond their half, and nothing if that is less.
func (d Deal) disputeEarned() []Share {
	accepts := d.counting()
	earned := d.costOf(accepts)
	n := int64(d.others())
	spent := math.NewIntFromUint64(d.VerdictCost).MulRaw(n - int64(len(accepts)))
	each := spent.Sub(math.NewIntFromUint64(d.OfferCost)).QuoRaw(2 * n)
	if !each.IsPositive() {
		return earned
	}
	for _, c := range d.Certificates {
		if !d.Counts(c.Verdict, c.Available) && c.Reason != REJECT_REASON_SET {
			earned = append(earned, Share{Address: c.Validator, Amount: each})
		}
	}
	return earned
}

// UnackedCost is what the buyer of a deal bears of what it cost, if it was not acknowledged:
// a half of what the verdicts cost and, where its buyer did not pay for a draw, the offer. The
// chain cannot tell whether the buyer was idle or those who should have served the
// ciphertext, so each side bears a half. After a broken promise it can.
func (d Deal) UnackedCost() math.Int {
	if d.Conviction != nil {
		return math.ZeroInt()
	}
	cost := sumOf(d.UnackedEarned())
	if d.Draw == nil {
		cost = cost.Add(math.NewIntFromUint64(d.OfferCost))
	}
	return math.MinInt(cost.QuoRaw(2), d.Price)
}

// ClosedCost is what a deal that lapses undecided in a pool that was closed cost its seller:
// the gas of the offer, and what its deposit paid for verdicts.
func (d Deal) ClosedCost() math.Int {
	earned, _ := d.LapseEarned(true)
	return sumOf(earned).Add(math.NewIntFromUint64(d.OfferCost))
}

// Slots is how many datasets the escrow of a pool pays.
func (p Pool) Slots() uint64 { return p.Escrow.Quo(p.Price).Uint64() }

// HeldForOffer is what a pool's buyer that closes it has held for each offer that waits: the
// most that it can have cost until it lapses.
func (p Pool) HeldForOffer() math.Int {
	return times(verdicts(p.DrawCount, len(p.Validators)), p.VerdictCost).Add(math.NewIntFromUint64(p.OfferCost))
}

// Holds returns what the module holds for a pool, of whose deals as many are OFFERED: its
// escrow and, once its buyer closed it, what is held for those.
func (p Pool) Holds(offered uint64) math.Int {
	if p.Status != POOL_STATUS_CLOSED {
		return p.Escrow
	}
	return p.Escrow.Add(p.HeldForOffer().Mul(math.NewIntFromUint64(offered)))
}
