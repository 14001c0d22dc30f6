package health

import (
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/config"
)

// staleAfter is how old the last block may be before the chain counts as halted:
// several of Panacea's blocks of 6 s.
const staleAfter = time.Minute

// Chain judges whether the node follows the chain. trouble is why blocks cannot be
// read, nil if they can.
func Chain(head chainview.Value[pdx.Head], trouble *string) api.Health {
	h := api.Health{Part: "chain", OK: true, Message: "following"}
	if head.Err == nil && trouble != nil {
		h.OK, h.Message = false, *trouble
	}
	switch {
	case head.Err != nil:
		h.OK, h.Message = false, head.Err.Error()+asOf(fmt.Sprintf("the last known block is %d", head.Value.Height), head.At)
	case time.Since(head.Value.Time) > staleAfter:
		h.OK, h.Message = false, fmt.Sprintf("the last block is %s old: the chain has halted or its endpoint lags",
			message.Duration(time.Since(head.Value.Time)))
	}
	return h
}

// Funds judges whether an account can pay fees; least is what a transaction costs.
func Funds(f chainview.Value[chainview.Funds], account pdx.Address, least pdx.Amount) api.Health {
	balance := f.Value.Balance
	switch {
	case f.Err != nil && f.At.IsZero():
		return api.Health{Part: "account", Message: f.Err.Error()}
	case f.Err != nil:
		return api.Health{Part: "account", Message: f.Err.Error() + asOf("the last known balance is "+balance.MED(), f.At)}
	case balance < least:
		return api.Health{Part: "account", Message: fmt.Sprintf("balance is %s: send MED to %s to pay fees", balance.MED(), account)}
	}
	return api.Health{Part: "account", OK: true, Message: balance.MED()}
}

// GasPrice judges whether this node pays what the chain asks for gas.
func GasPrice(p client.GasPrice) []api.Health {
	if !p.TooHigh() {
		return nil
	}
	return []api.Health{{Part: "fees", Message: fmt.Sprintf("the chain asks %d umed for a unit of gas, and this node pays at most %d:"+
		" nothing is sent; raise chain.max_gas_price, and chain.max_fee in proportion, and restart the daemon", p.Asked, p.Limit)}}
}

// OtherSigner judges whether this node alone signs for its account; seen is when another
// program last did, the zero time if none did.
func OtherSigner(seen time.Time, account pdx.Address) []api.Health {
	if seen.IsZero() {
		return nil
	}
	return []api.Health{{Part: "account", Message: fmt.Sprintf("another program signs for %s too, last seen at %s: if this home was copied,"+
		" stop one of the two, because peers reach only one of them and each is slowed by the other", account, message.Time(seen))}}
}

// asOf says how old a value is, or nothing if it was never read.
func asOf(what string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("; %s, read at %s, %s ago", what, message.Time(at), message.Duration(time.Since(at)))
}

// Proofs judges whether a node can verify what it acts on. unverified is
// chain.trust.none.
func Proofs(state client.VerifiedState, unverified bool) api.Health {
	h := api.Health{Part: "proofs"}
	switch {
	case unverified:
		h.OK = true
		h.Message = "reads are UNVERIFIED: chain.trust.none lets this node act on the word of its endpoints alone"
	case errors.Is(state.Err, client.ErrNoTrust):
		h.Message = state.Err.Error() + "; until then this node opens, certifies, acknowledges, delivers and withdraws nothing; " +
			config.TrustAdvice
	case state.Err != nil:
		h.Message = "nothing is opened, certified, acknowledged, delivered or withdrawn while the chain cannot be verified: " + state.Err.Error()
	case state.At.IsZero():
		h.OK, h.Message = true, "not verified yet"
	default:
		h.OK = true
		h.Message = fmt.Sprintf("verified up to block %d, %s ago; %s",
			state.Head.Height, message.Duration(time.Since(state.At)), agreement(state.Agreed))
	}
	return h
}

// agreement says how many further endpoints show what was verified.
func agreement(endpoints int) string {
	switch endpoints {
	case 0:
		return "no second endpoint confirms it (chain.endpoints names more)"
	case 1:
		return "1 further endpoint agrees"
	}
	return fmt.Sprintf("%d further endpoints agree", endpoints)
}

// Endpoints names endpoints that are avoided.
func Endpoints(all []client.EndpointHealth) (list []api.Health) {
	for _, e := range all {
		if e.Unsteady != "" {
			list = append(list, api.Health{Part: "endpoint", Message: e.Address + ": " + e.Unsteady +
				"; name one node, or tell its operator; further endpoints can be named in chain.endpoints"})
		}
		if e.Lied || e.Trouble != "" && len(all) > 1 {
			list = append(list, api.Health{Part: "endpoint", Message: e.Address + ": " + e.Trouble + endpointAdvice(e, len(all))})
		}
	}
	return list
}

// endpointAdvice says what a person can do about an endpoint.
func endpointAdvice(e client.EndpointHealth, of int) string {
	switch {
	case of == 1:
		return "; name an endpoint that you trust in chain.grpc and chain.rpc, and others in chain.endpoints"
	case e.Lied:
		return "; the others are asked first; remove it from the configuration unless it is repaired"
	}
	return "; the others are asked first"
}
