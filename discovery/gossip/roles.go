package gossip

import (
	"context"

	"github.com/medibloc/pdx"
)

// RoleCheck is the result of checking whether an account holds a role.
type RoleCheck int

// The results. The zero value is Unknown.
const (
	Unknown RoleCheck = iota // the chain does not know the pool or deal: the node may be behind
	Holds                    // the chain gives the account the role
	Lacks                    // the chain does not
	Unasked                  // the chain could not be asked now
)

// Roles checks the roles of accounts. Its methods are called for every notice, concurrently.
type Roles interface {
	// Known reports whether Role answers from memory about account in pool, or in that
	// deal of the pool when deal is not 0. If not, Role asks the chain at most once.
	Known(pool pdx.PoolID, deal pdx.DealID, account pdx.Address) bool
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
		case Unasked:
			best = Unasked
		case Unknown:
			if best == Lacks {
				best = Unknown
			}
		}
	}
	return best
}
