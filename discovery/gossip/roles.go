package gossip

import (
	"context"

	"github.com/medibloc/pdx"
)

// Standing is what is known of an account's role.
type Standing int

// What may be known. The zero value is that nothing is.
const (
	Unknown Standing = iota // not known here yet: a node may be behind the chain
	Holds                   // the chain gives the account the role
	Lacks                   // the chain does not
)

// Roles knows who may say what. It is asked for every notice, concurrently, and
// should answer from what it has; an answer that needs the network may be
// Unknown now and known the next time.
type Roles interface {
	// Role reports whether account acts as role in pool, and, when deal is not 0,
	// is that party of that deal of the pool.
	Role(ctx context.Context, pool pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) Standing
}

// standing is the best that the roles claimed by body give account.
func standing(ctx context.Context, roles Roles, pool pdx.PoolID, account pdx.Address, body Body) Standing {
	best := Lacks
	deal, claimed := body.claims()
	for _, role := range claimed {
		switch roles.Role(ctx, pool, deal, account, role) {
		case Holds:
			return Holds
		case Unknown:
			best = Unknown
		}
	}
	return best
}
