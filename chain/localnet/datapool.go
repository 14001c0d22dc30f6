package localnet

import (
	"time"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// Datapool overrides parameters of x/datapool. A zero field keeps Panacea's value, except
// that pools may choose deadlines from one second on, and that durations are converted to
// blocks by this chain's block interval.
type Datapool struct {
	// Deadlines are those of a pool that sets none.
	Deadlines pdx.Deadlines
	// MinBond is the least bond of a validator, in umed.
	MinBond pdx.Amount
	// OfferDeposit is what a seller deposits with every offer, in umed.
	OfferDeposit pdx.Amount
	// JailTime is how long a jailed validator may not certify.
	JailTime time.Duration
	// OffersAhead is how many offers a seller may have waiting in a pool beyond those that
	// were certified.
	OffersAhead uint32
	// ChallengeTime is how long the answer to a challenge may take.
	ChallengeTime time.Duration
	// UnbondingTime is how long a bond stays locked after its validator left.
	UnbondingTime time.Duration
}

// shortestDeadline that a pool may choose on a development chain, unless a
// default is shorter still.
const shortestDeadline = time.Second

func (d Datapool) apply(p datapooltypes.Params, interval time.Duration) datapooltypes.Params {
	p.BlockTime = interval
	if d.MinBond != 0 {
		p.MinBond = math.NewIntFromUint64(uint64(d.MinBond))
	}
	if d.OfferDeposit != 0 {
		p.OfferDeposit = math.NewIntFromUint64(uint64(d.OfferDeposit))
	}
	if d.JailTime != 0 {
		p.JailTime = d.JailTime
	}
	if d.OffersAhead != 0 {
		p.MaxOffersAhead = d.OffersAhead
	}
	if d.ChallengeTime != 0 {
		p.ChallengeTime = d.ChallengeTime
	}
	if d.UnbondingTime != 0 {
		p.UnbondingTime = d.UnbondingTime
	}
	set(d.Deadlines.Certify, &p.MinDeadlines.Certify, &p.DefaultDeadlines.Certify, &p.MaxDeadlines.Certify)
	set(d.Deadlines.Ack, &p.MinDeadlines.Ack, &p.DefaultDeadlines.Ack, &p.MaxDeadlines.Ack)
	set(d.Deadlines.Key, &p.MinDeadlines.Key, &p.DefaultDeadlines.Key, &p.MaxDeadlines.Key)
	set(d.Deadlines.Dispute, &p.MinDeadlines.Dispute, &p.DefaultDeadlines.Dispute, &p.MaxDeadlines.Dispute)
	p.MaxAck = max(p.MaxAck, p.MaxDeadlines.Ack)
	return p
}

// set makes wanted the default, if it is given, and widens the bounds to hold it.
func set(wanted time.Duration, least, normal, most *time.Duration) {
	if wanted != 0 {
		*normal = wanted
	}
	*least = min(shortestDeadline, *normal)
	*most = max(*most, *normal)
}
