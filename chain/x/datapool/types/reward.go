package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// verdicts is how many verdicts a deal can have: one of each validator that is drawn, or of
// each that may certify if none are.
func verdicts(drawn uint32, validators int) uint64 {
	if drawn > 0 {
		return uint64(drawn)
	}
	return uint64(validators)
}

// times returns n × amount.
func times(n, amount uint64) math.Int {
	return math.NewIntFromUint64(n).Mul(math.NewIntFromUint64(amount))
}

// checkReward requires that the price pays every verdict that a deal can have.
func checkReward(reward uint64, price math.Int, drawn uint32, validators int) error {
	if n := verdicts(drawn, validators); times(n, reward).GT(price) {
		return errorsmod.Wrapf(ErrVerdictReward, "%d verdicts of %d each are more than the price, %s", n, reward, price)
	}
	return nil
}

// CheckDuty requires a pool that draws validators, who must then give a verdict, to pay for
// one at least what it costs.
func (p Params) CheckDuty(reward uint64, drawn uint32) error {
	if drawn > 0 && reward < p.DrawnVerdictCost {
		return errorsmod.Wrapf(ErrVerdictReward, "%d, a pool that draws pays at least %d", reward, p.DrawnVerdictCost)
	}
	return nil
}

// CostOfVerdict returns what verdicts earn in a pool that are paid what they cost: not more
// than its reward.
func (p Params) CostOfVerdict(reward uint64, drawn uint32) uint64 {
	if drawn > 0 {
		return min(reward, p.DrawnVerdictCost)
	}
	return min(reward, p.VerdictCost)
}

// LeastIncome returns the least that one of the accepts of a certified deal of the pool earns
// with a commission: the reward and, of a price that pays everybody else a reward too, the
// commission without a unit that rounding may add.
func (p Pool) LeastIncome(commissionBp uint32) math.Int {
	rest := p.Price.Sub(times(verdicts(p.DrawCount, len(p.Validators)), p.VerdictReward))
	return partOf(rest, commissionBp).Add(math.NewIntFromUint64(p.VerdictReward))
}

// Deposit returns a seller's deposit with an offer of these fields to validators of whom n
// may give a verdict.
func (p Params) Deposit(fields []string, drawn uint32, validators int, reward uint64) math.Int {
	var bytes uint64
	for _, f := range fields {
		bytes += uint64(len(f))
	}
	return p.OfferDeposit.Add(times(bytes, p.DepositPerByte)).Add(times(verdicts(drawn, validators), reward))
}

// late returns the accepts that came when the deal had as many as it requires. Nobody relies
// on them and no stake stands for them, so they earn what they cost and not the reward:
// otherwise it would pay to wait for the others' verdicts and to repeat them.
func (d Deal) late() []Certificate {
	counting := d.counting()
	return counting[min(len(counting), int(d.RequiredCertificates)):]
}

// Earned returns what the accepts of a certified deal earn: the reward each, and those that
// came too late to count what they cost.
func (d Deal) Earned() (earned []Share, sum math.Int) {
	for _, c := range d.Accepted() {
		earned = append(earned, Share{Address: c.Validator, Amount: math.NewIntFromUint64(d.VerdictReward)})
	}
	earned = append(earned, d.costOf(d.late())...)
	return earned, sumOf(earned)
}

// UnackedEarned returns what the accepts of a deal that nobody acknowledged earn from the
// deposit: what they cost. Otherwise a buyer and a seller who are friends could have many
// validators work for nothing. Who broke the promise to serve the ciphertext earns nothing.
// UnackedCost says who bears it.
func (d Deal) UnackedEarned() []Share {
	if d.Conviction != nil {
		return nil
	}
	return d.costOf(d.counting())
}

// costOf returns what verdicts earn that are paid what they cost.
func (d Deal) costOf(list []Certificate) (earned []Share) {
	if d.VerdictCost == 0 {
		return nil
	}
	for _, c := range list {
		earned = append(earned, Share{Address: c.Validator, Amount: math.NewIntFromUint64(d.VerdictCost)})
	}
	return earned
}

func sumOf(shares []Share) math.Int {
	sum := math.ZeroInt()
	for _, s := range shares {
		sum = sum.Add(s.Amount)
	}
	return sum
}

// LapseEarned returns what the verdicts of a deal that lapses earn from the deposit, and
// whether the rest of it is forfeited: after a reject, and after a draw unless all who were
// drawn were silent. A deal is excused if it was not decided and its pool would have refused
// an accept; then its seller pays no more than what the verdicts cost. An accept earns what
// it costs as long as no validator saw a reason to reject that counts.
//
// The verdict unavailable is the word of one validator about another's line: it earns what
// it costs, and where nothing was drawn it takes nothing from a seller by itself. That nobody
// serves an earlier record set earns nothing, or it would pay to say so unread, and is silence
// to the seller, whose fault it is not. In a dispute nothing is forfeited.
func (d Deal) LapseEarned(excused bool) (earned []Share, forfeited bool) {
	if d.disputed() {
		return d.disputeEarned(), false
	}
	drawn := d.Draw != nil && d.Draw.Height > 0
	var rejected, unserved, missing, accepted bool
	for _, c := range d.Certificates {
		switch {
		case c.Verdict != VERDICT_REJECT:
			accepted = true
		case c.Reason == REJECT_REASON_SET:
			missing = true
		case c.Reason == REJECT_REASON_UNAVAILABLE:
			unserved = true
		default:
			rejected = true
		}
	}
	forfeited = !excused && (rejected || drawn && (unserved || accepted && !missing))
	for _, c := range d.Certificates {
		var amount uint64
		switch {
		case c.Verdict != VERDICT_REJECT:
			if (excused || !rejected) && d.Counts(c.Verdict, c.Available) {
				amount = d.VerdictCost
			}
		case c.Reason == REJECT_REASON_SET:
		case c.Reason == REJECT_REASON_UNAVAILABLE && (forfeited || drawn):
			amount = d.VerdictCost
		case c.Reason == REJECT_REASON_UNAVAILABLE:
		case forfeited:
			amount = d.VerdictReward
		default:
			amount = d.VerdictCost
		}
		if amount > 0 {
			earned = append(earned, Share{Address: c.Validator, Amount: math.NewIntFromUint64(amount)})
		}
	}
	return earned, forfeited
}

// checkReward holds reward, cost and deposit of a deal against each other.
func (d Deal) checkReward() error {
	drawn, validators := uint32(0), len(d.Validators)
	if d.Draw != nil {
		drawn = d.Draw.Count
	}
	if d.VerdictCost > d.VerdictReward || d.Deposit.LT(times(verdicts(drawn, validators), d.VerdictReward)) {
		return errorsmod.Wrapf(ErrVerdictReward, "%d, a late one %d, deposit %s", d.VerdictReward, d.VerdictCost, d.Deposit)
	}
	return checkReward(d.VerdictReward, d.Price, drawn, validators)
}
