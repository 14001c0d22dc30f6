package node

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/store"
)

// adopter is a role that compares what it knows with the chain.
type adopter interface {
	// Compared is closed when all of the account's deals are known to the role.
	Compared() <-chan struct{}
	// CompareAgain asks for another comparison.
	CompareAgain()
	// CompareTrouble is why the last comparison failed.
	CompareTrouble() error
	// Needed are the blobs of deals that go on.
	Needed(ctx context.Context) ([]pdx.ContentID, error)
}

// adopters are the roles by name, in the order of health.
func (n *Node) adopters() map[pdx.Role]adopter {
	return map[pdx.Role]adopter{pdx.RoleSeller: n.seller, pdx.RoleBuyer: n.buyer, pdx.RoleValidator: n.validator}
}

// marks remembers from where on the roles read the account's deals.
func (n *Node) marks() *store.Table[string] { return store.NewTable[string](n.home.DB, "deal_marks") }

// compareAgain has all roles look for deals that they do not know: blocks were
// skipped, or the chain is behind what was seen.
func (n *Node) compareAgain() {
	for _, role := range n.adopters() {
		role.CompareAgain()
	}
}

// cleanUp removes the blobs that a crash left, out of those that lay here at the
// start. It waits until every role knows its deals: a blob that an emptied or older
// database does not name may be the only ciphertext of a deal that goes on.
func (n *Node) cleanUp(ctx context.Context, there map[pdx.ContentID]bool) {
	err := n.claimNeeded(ctx, there)
	if err == nil {
		err = n.seller.Sweep(ctx, func(id pdx.ContentID) bool { return !there[id] })
	}
	if err != nil && ctx.Err() == nil {
		n.log.WarnContext(ctx, "leftovers of a crash stay until the next start", slog.Any("error", err))
	}
}

// claimNeeded claims for each role what its deals need, and takes it out of there.
func (n *Node) claimNeeded(ctx context.Context, there map[pdx.ContentID]bool) error {
	var needed []pdx.ContentID
	for role, a := range n.adopters() {
		select {
		case <-a.Compared():
		case <-ctx.Done():
			return ctx.Err()
		}
		ids, err := a.Needed(ctx)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id pdx.ContentID) bool { return !there[id] })
		if err := n.share(role).hold(ctx, ids...); err != nil {
			return err
		}
		needed = append(needed, ids...)
	}
	for _, id := range needed {
		delete(there, id)
	}
	return nil
}

// blobsHere are the blobs that lie in the store now.
func (n *Node) blobsHere(ctx context.Context) (map[pdx.ContentID]bool, error) {
	there := map[pdx.ContentID]bool{}
	for info, err := range n.store.List(ctx) {
		if info.ID == (pdx.ContentID{}) && err != nil {
			return nil, err
		}
		there[info.ID] = true
	}
	return there, nil
}

// adoptionGrace is how long after the start a comparison with the chain may take
// before its failure counts as a fault: a restart of chain and node together.
const adoptionGrace = time.Minute

// adoptionHealth names the roles that do not know yet whether they forgot deals.
func (n *Node) adoptionHealth() (list []api.Health) {
	for _, role := range []pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator} {
		if err := n.adopters()[role].CompareTrouble(); err != nil && n.cfg.Plays(role) && time.Since(n.started) > adoptionGrace {
			list = append(list, api.Health{Part: "deals", Message: fmt.Sprintf(
				"as %s this node cannot yet compare its deals with the chain, and keeps trying: %v", role, err)})
		}
	}
	return list
}
