package health

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// maxLostShown is how many pools without keys a status names.
const maxLostShown = 5

// LostPools names pools whose keys are lost.
func LostPools(lost []pdx.Pool) (list []api.Health) {
	for i, p := range lost {
		if i == maxLostShown {
			return append(list, api.Health{Part: "pools", Message: message.Count(len(lost)-i, "more pool") + " without a key in this home"})
		}
		list = append(list, api.Health{Part: "pools", Message: fmt.Sprintf("the key of pool %d is not in this home:"+
			" nothing is acknowledged for it, and what was delivered cannot be opened; %s", p.ID, buyer.LostAdvice)})
	}
	return list
}

// Promises counts the promised ciphertexts that are missing, with the reasons.
func Promises(missing map[pdx.DealID]string) []api.Health {
	if len(missing) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(missing)))
	return []api.Health{{Part: "promises", Message: fmt.Sprintf("this validator lacks %s that it promised to serve"+
		" and pulls again from the sellers; deal %d: %s", message.Count(len(missing), "ciphertext"), first, missing[first])}}
}

// Bond judges the state of a validator on chain.
func Bond(v pdx.Validator) api.Health {
	h := api.Health{Part: "bond", OK: true, Message: fmt.Sprintf("%s, with %s", v.Status, v.Bond.MED())}
	switch {
	case v.Status == pdx.ValidatorJailed:
		h.OK = false
		h.Message = fmt.Sprintf("jailed until %s with a bond of %s left: this validator accepted a dataset that does not open,"+
			" or let deals lapse for which it was drawn. It certifies nothing; after that time, run `pdx validator unjail`",
			message.Time(v.JailedUntil), v.Bond.MED())
	case v.Status == pdx.ValidatorUnbonding:
		h.Message = fmt.Sprintf("leaving; its bond of %s is released after %s and the last deal that it accepted",
			v.Bond.MED(), message.Time(v.UnbondingTime))
	case v.MissedDuties > 0:
		h.OK = false
		h.Message = fmt.Sprintf("this validator gave no verdict on %d of the last %s for which it was drawn and may be jailed:"+
			" check that sellers can reach this node", v.MissedDuties, message.Count(v.Duties, "deal"))
	}
	return h
}

// Purchases counts purchases that need attention.
func Purchases(pulls []model.Pull, now time.Time) []api.Health {
	var paused, disputed, frauds, failed int
	var refund pdx.Amount
	last := ""
	for _, p := range pulls {
		switch p.State {
		case model.PullPaused:
			paused++
			last = fmt.Sprintf("deal %v: %s", p.Deal, p.Reason)
		case model.PullDisputed:
			disputed++
			last = fmt.Sprintf("deal %v: %s", p.Deal, p.Reason)
		case model.PullFraud:
			frauds++
			refund += p.Refund
		case model.PullFailed:
			failed++
		}
	}
	stuck := StuckPulls(pulls, now)
	switch {
	case disputed > 0:
		return []api.Health{{Part: "purchases", Message: fmt.Sprintf("delivered datasets that do not open, in dispute: %d; %s", disputed, last)}}
	case paused > 0:
		return []api.Health{{Part: "purchases", Message: fmt.Sprintf("purchases that wait for something on this machine: %d; %s", paused, last)}}
	case len(stuck) > 0:
		return []api.Health{{Part: "purchases", Message: fmt.Sprintf(
			"purchases that do not go on: %d; deal %v: %s; see 'pdx pulls'", len(stuck), stuck[0].Deal, stuck[0].Reason)}}
	case frauds+failed > 0:
		return []api.Health{{Part: "purchases", OK: true, Message: fmt.Sprintf(
			"frauds proven: %d, %s refunded; paid although not as certified: %d (see `pdx pulls`)", frauds, refund.MED(), failed)}}
	}
	return nil
}
