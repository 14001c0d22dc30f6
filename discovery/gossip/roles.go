package gossip

import (
	"context"

	"github.com/medibloc/pdx"
)

// RoleCheck is the result of checking whether an account holds a role.
type RoleCheck int

// The results. The zero value is Unknown.
const (
	Unknown RoleCheck = iota // not known yet: the node may be behind the chain
	Holds                    // the chain gives the account the role
	Lacks                    // the chain does not
)

// Roles checks the roles of accounts. Role is called for every notice, concurrently,
// and should answer from memory; an answer that needs the network may be Unknown at
// first and known the next time.
type Roles interface {
	// Role reports whether account acts as role in pool, and, when deal is not 0,
	// is that party of that deal of the pool.
	Role(ctx context.Context, pool pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) RoleCheck
}

// checkRole returns the best result over the roles that may publish body.
func checkRole(ctx context.Context, roles Roles, pool pdx.PoolID, account pdx.Address, body Body) RoleCheck {
	best := Lacks
	deal, allowed := body.senders()
	for _, role := range allowed {
		switch roles.Role(ctx, pool, deal, account, role) {
		case Holds:
			return Holds
		case Unknown:
			best = Unknown
		}
	}
	return best
}
