package types

import (
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

// Accepted returns the accepting certificates in the order of the chain.
func (d Deal) Accepted() []Certificate {
	var accepted []Certificate
	for _, c := range d.Certificates {
		if c.Verdict == VERDICT_ACCEPT {
			accepted = append(accepted, c)
		}
	}
	return accepted
}

// Promised reports whether validators' promises replace the buyer's ack at a height: in
// a pool of mode QUORUM, when as many certificates as the deal requires promise
// availability and have not expired.
func (d Deal) Promised(height int64) bool {
	var promises uint32
	for _, c := range d.Accepted() {
		if c.Available && c.ExpiryHeight >= height {
			promises++
		}
	}
	return d.AckMode == ACK_MODE_QUORUM && promises >= d.RequiredCertificates
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

// Tags returns the duplicate tags that the deal holds in its pool, each once.
func (d Deal) Tags() [][]byte {
	var tags [][]byte
	for _, c := range d.Accepted() {
		if len(c.DuplicateTag) != 0 && !slices.ContainsFunc(tags, func(t []byte) bool { return slices.Equal(t, c.DuplicateTag) }) {
			tags = append(tags, c.DuplicateTag)
		}
	}
	return tags
}

// CheckCommissions refuses validators of which some k together could take more than the
// price.
func CheckCommissions(validators []AcceptedValidator, k uint32) error {
	ordered := slices.SortedFunc(slices.Values(validators), func(a, b AcceptedValidator) int {
		return cmp.Compare(b.CommissionBp, a.CommissionBp)
	})
	var sum uint64
	for _, v := range ordered[:min(int(k), len(ordered))] {
		sum += uint64(v.CommissionBp)
	}
	if sum > BasisPoints {
		return errorsmod.Wrapf(ErrCommissionTooBig, "the %d highest sum to %d basis points", k, sum)
	}
	return nil
}

// Split divides the price among the seller, who is first, and the accepting
// validators in their order, by commission.
func (d Deal) Split() []Share {
	accepted := d.Accepted()
	shares := []Share{{Address: d.Seller}}
	weights := []uint64{BasisPoints}
	for _, c := range accepted {
		shares = append(shares, Share{Address: c.Validator})
		weights = append(weights, uint64(c.CommissionBp))
		weights[0] -= uint64(c.CommissionBp)
	}
	for i, amount := range apportion(d.Price, weights) {
		shares[i].Amount = amount
	}
	return shares
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
