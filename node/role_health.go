package node

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/buyer"
)

// roleHealth is how the roles are that this node plays, as far as there is
// something to say.
func (n *Node) roleHealth(late error) (list []api.Health) {
	if n.cfg.Plays(pdx.RoleValidator) {
		if v := n.view.validator.get(late); v.Value != nil { // else it is none, or the chain is away, which is said
			list = append(list, bondHealth(*v.Value))
		}
	}
	list = append(list, n.adoptionHealth()...)
	list = append(list, lostHealth(n.buyer.LostPools())...)
	list = append(list, promiseHealth(n.validator.Missing())...)
	return append(list, purchasesHealth(n.buyer.Pulls(0))...)
}

// bondHealth says what became of a validator on chain, and what can be done.
func bondHealth(v pdx.Validator) api.Health {
	h := api.Health{Part: "bond", OK: true, Message: fmt.Sprintf("%s, with %s", v.Status, v.Bond.MED())}
	switch {
	case v.Status == pdx.ValidatorJailed:
		h.OK = false
		h.Message = fmt.Sprintf("jailed until %s with a bond of %s left: a dataset that it accepted does not open, or it let deals lapse for which it was drawn."+
			" It certifies nothing; after that time, `pdx validator unjail`", v.JailedUntil.Local().Format(time.DateTime), v.Bond.MED())
	case v.Status == pdx.ValidatorUnbonding:
		h.Message = fmt.Sprintf("leaving; its bond of %s is free after %s and the last deal that it accepted", v.Bond.MED(), v.UnbondingTime.Local().Format(time.DateTime))
	case v.MissedDuties > 0:
		h.OK = false
		h.Message = fmt.Sprintf("it let %d deals lapse in a row for which it was drawn: some more and it is jailed. Can sellers reach this node?", v.MissedDuties)
	}
	return h
}

// purchasesHealth speaks of what was bought and does not open.
func purchasesHealth(pulls []buyer.Pull) []api.Health {
	var paused, disputed, frauds, failed int
	var refund pdx.Amount
	last := ""
	for _, p := range pulls {
		switch p.State {
		case buyer.StatePaused:
			paused++
			last = fmt.Sprintf("deal %v: %s", p.Deal, p.Reason)
		case buyer.StateDisputed:
			disputed++
			last = fmt.Sprintf("deal %v: %s", p.Deal, p.Reason)
		case buyer.StateFraud:
			frauds++
			refund += p.Refund
		case buyer.StateFailed:
			failed++
		}
	}
	switch {
	case disputed > 0:
		return []api.Health{{Part: "purchases", Message: fmt.Sprintf("delivered and do not open, not convicted yet: %d; %s", disputed, last)}}
	case paused > 0:
		return []api.Health{{Part: "purchases", Message: fmt.Sprintf("waiting for something on this machine: %d; %s", paused, last)}}
	case frauds+failed > 0:
		return []api.Health{{Part: "purchases", OK: true, Message: fmt.Sprintf(
			"frauds convicted: %d, %s came back; not what was certified, and paid all the same: %d (see `pdx pulls`)", frauds, refund.MED(), failed)}}
	}
	return nil
}
