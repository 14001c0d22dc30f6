package relay

import (
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx/internal/addrgroup"
)

// acl decides for the library who may reserve and connect.
//
// A reservation needs an account with something at stake. To connect to a peer that has
// one, no account is needed: a seller that looks at a pool for the first time must reach a
// buyer whom peers cannot dial. A relay leads nowhere but to such peers, and a stranger's
// circuits have a small allowance.
type acl struct{ *Server }

// AllowReserve implements relay.ACLFilter.
func (a acl) AllowReserve(id peer.ID, _ multiaddr.Multiaddr) bool {
	account, why := a.admitted(id)
	switch {
	case why != "":
		return a.refuse(id, why)
	case !a.meter.may(payer{account: account}, a.now()):
		return a.refuse(id, refusedUsed)
	case !a.reserve(id, account, a.now()):
		return a.refuse(id, refusedFull)
	}
	return true
}

// AllowConnect implements relay.ACLFilter.
func (a acl) AllowConnect(from peer.ID, addr multiaddr.Multiaddr, _ peer.ID) bool {
	if !a.meter.may(a.payerOf(from, addrgroup.Of(addr)), a.now()) {
		return a.refuse(from, refusedUsed)
	}
	return true
}
