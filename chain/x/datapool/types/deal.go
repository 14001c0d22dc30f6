package types

import (
	"bytes"
	"cmp"
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Ended reports whether no step can follow.
func (s DealState) Ended() bool {
	switch s {
	case DEAL_STATE_FINAL, DEAL_STATE_LAPSED, DEAL_STATE_UNACKED, DEAL_STATE_UNDELIVERED, DEAL_STATE_FRAUD:
		return true
	}
	return false
}

// Reserves reports whether a deal in this state has its price out of the pool's
// escrow.
func (s DealState) Reserves() bool {
	switch s {
	case DEAL_STATE_CERTIFIED, DEAL_STATE_ACKED, DEAL_STATE_DELIVERED, DEAL_STATE_FINAL, DEAL_STATE_FRAUD:
		return true
	}
	return false
}

// Delivers reports whether a deal in this state counts as delivered.
func (s DealState) Delivers() bool {
	return s == DEAL_STATE_DELIVERED || s == DEAL_STATE_FINAL
}

// Accepted returns the certificates that count to those that the deal requires, in the
// order of the chain: the first ones, as many as it requires. Later accepts change nothing.
func (d Deal) Accepted() []Certificate {
	counting := d.counting()
	return counting[:min(len(counting), int(d.RequiredCertificates))]
}

// counting returns the accepts that count, or would if they had not come too late.
func (d Deal) counting() []Certificate {
	var counting []Certificate
	for _, c := range d.Certificates {
		if d.Counts(c.Verdict, c.Available) {
			counting = append(counting, c)
		}
	}
	return counting
}

// TakesVerdicts reports whether a validator may give its verdict on a deal in this state: the
// verdicts after the k-th accept are recorded until the ack.
func (s DealState) TakesVerdicts() bool { return s == DEAL_STATE_OFFERED || s == DEAL_STATE_CERTIFIED }

// Counts reports whether a verdict counts to the certificates that the deal requires: an
// accept, which in a pool of mode QUORUM must promise to serve the ciphertext, so that one
// validator without a promise cannot keep the default ack from all.
func (d Deal) Counts(verdict Verdict, available bool) bool {
	return verdict == VERDICT_ACCEPT && (available || d.AckMode != ACK_MODE_QUORUM)
}

// AckedByDefault reports whether the promises of its validators replace the buyer's ack of
// the deal once the ack deadline has passed. They do not while a challenge is open.
func (d Deal) AckedByDefault() bool {
	return d.State == DEAL_STATE_CERTIFIED && d.AckMode == ACK_MODE_QUORUM && !d.Challenged()
}

// HoldsRoot reports whether the deal keeps its ciphertext from being offered to the pool
// again. A deal that ended without its seller's fault does not.
func (d Deal) HoldsRoot() bool {
	return d.State != DEAL_STATE_LAPSED && d.State != DEAL_STATE_UNACKED
}

// Withdrawable reports whether the seller of an offered deal may end it at this height: no
// validator has work or a duty by it yet, and no part of its draw is known that another
// offer could change.
func (d Deal) Withdrawable(height int64) bool {
	if d.Draw != nil {
		return d.Undrawn() && height <= d.DrawBlockHeight()
	}
	return len(d.Certificates) == 0
}

// EnteredAt returns the height at which the deal entered a state; 0 if it did not.
func (d Deal) EnteredAt(state DealState) int64 {
	for _, step := range d.History {
		if step.State == state {
			return step.Height
		}
	}
	return 0
}

// Tag returns the duplicate tag that the deal holds in its pool: the one on which all its
// accepts agree, from the certification on; nil if it holds none. Fewer than all of them
// could block data that the deal does not have.
func (d Deal) Tag() []byte {
	accepted := d.Accepted()
	if !d.HoldsRoot() || len(accepted) < int(d.RequiredCertificates) {
		return nil
	}
	tag := accepted[0].DuplicateTag
	for _, c := range accepted {
		if len(tag) == 0 || !bytes.Equal(c.DuplicateTag, tag) {
			return nil
		}
	}
	return tag
}

// CheckCommissions refuses validators of which some k together could take more than the
// price.
func CheckCommissions(validators []AcceptedValidator, k uint32) error {
	if sum := HighestCommissions(validators, k); sum > BasisPoints {
		return errorsmod.Wrapf(ErrCommissionTooBig, "the %d highest sum to %d basis points", k, sum)
	}
	return nil
}

// HighestCommissions returns the sum of the k highest commissions, in basis points.
func HighestCommissions(validators []AcceptedValidator, k uint32) (sum uint64) {
	ordered := slices.SortedFunc(slices.Values(validators), func(a, b AcceptedValidator) int {
		return cmp.Compare(b.CommissionBp, a.CommissionBp)
	})
	for _, v := range ordered[:min(int(k), len(ordered))] {
		sum += uint64(v.CommissionBp)
	}
	return sum
}

// StaysCertified reports whether a deal in this state was certified and has not failed
// since.
func (s DealState) StaysCertified() bool { return s.Reserves() && s != DEAL_STATE_FRAUD }

// Split divides the price among the seller, who is first, and the accepting validators in
// their order: first the rewards of the verdicts, then the rest by commission. Validators
// whose accepts came too late are last.
func (d Deal) Split() []Share {
	accepted := d.Accepted()
	shares := []Share{{Address: d.Seller}}
	weights := []uint64{BasisPoints}
	for _, c := range accepted {
		shares = append(shares, Share{Address: c.Validator})
		weights = append(weights, uint64(c.CommissionBp))
		weights[0] -= uint64(c.CommissionBp)
	}
	earned, sum := d.Earned()
	for i, amount := range apportion(d.Price.Sub(sum), weights) {
		shares[i].Amount = amount
	}
	for i, reward := range earned[:len(accepted)] {
		shares[i+1].Amount = shares[i+1].Amount.Add(reward.Amount)
	}
	return append(shares, earned[len(accepted):]...)
}

// apportion divides total by weights that sum to BasisPoints: each part is the
// integer part of its quota, and the remaining units go one each to the largest remainders;
// ties go to the first. The parts sum to total exactly.
func apportion(total math.Int, weights []uint64) []math.Int {
	parts := make([]math.Int, len(weights))
	remainders := make([]math.Int, len(weights))
	order := make([]int, len(weights))
	left := total
	whole := math.NewInt(BasisPoints)
	for i, weight := range weights {
		quota := total.Mul(math.NewIntFromUint64(weight))
		parts[i], remainders[i], order[i] = quota.Quo(whole), quota.Mod(whole), i
		left = left.Sub(parts[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return remainders[b].BigInt().Cmp(remainders[a].BigInt()) })
	for _, i := range order[:left.Int64()] {
		parts[i] = parts[i].AddRaw(1)
	}
	return parts
}
