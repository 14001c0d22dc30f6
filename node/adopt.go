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

// An adopter is a role that compares its deals with the chain.
type adopter interface {
	// Compared returns a channel that is closed once the role knows all of the account's deals.
	Compared() <-chan struct{}
	// CompareAgain asks for another comparison.
	CompareAgain()
	// CompareTrouble returns why the last comparison failed, or nil.
	CompareTrouble() error
	// Needed returns the blobs of open deals.
	Needed(ctx context.Context) ([]pdx.ContentID, error)
}

// adopters returns the roles by name.
func (n *Node) adopters() map[pdx.Role]adopter {
	return map[pdx.Role]adopter{pdx.RoleSeller: n.seller, pdx.RoleBuyer: n.buyer, pdx.RoleValidator: n.validator}
}

// marks holds the position from which each role reads the account's deals.
func (n *Node) marks() *store.Table[string] { return store.NewTable[string](n.home.DB, "deal_marks") }

// compareAgain makes all roles search for deals that they do not know, because blocks were
// skipped or the chain is behind what was seen.
func (n *Node) compareAgain() {
	for _, role := range n.adopters() {
		role.CompareAgain()
	}
}

// cleanUp removes the blobs that a crash left behind, among those that were in the store at
// the start. It waits until every role knows its deals: a blob that is missing from an
// emptied or older database may be the only ciphertext of an open deal.
func (n *Node) cleanUp(ctx context.Context, there map[pdx.ContentID]bool) {
	err := n.refNeeded(ctx, there)
	if err == nil {
		err = n.documents.cache.adopt(ctx, n.share(pdx.RoleSeller), there)
	}
	if err == nil {
		err = n.seller.Sweep(ctx, func(id pdx.ContentID) bool { return !there[id] })
	}
	if err != nil && ctx.Err() == nil {
		n.log.WarnContext(ctx, "blobs left by a crash stay until the next start", slog.Any("error", err))
	}
}

// refNeeded adds refs for the blobs that each role's deals need, and removes those from there.
func (n *Node) refNeeded(ctx context.Context, there map[pdx.ContentID]bool) error {
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

// blobsHere returns the blobs that are in the store now.
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

// adoptionGrace is how long after the start a failing comparison with the chain is not yet
// reported: chain and node may have been restarted together.
const adoptionGrace = time.Minute

// adoptionHealth names the roles that have not compared their deals with the chain.
func (n *Node) adoptionHealth() (list []api.Health) {
	for _, role := range []pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator} {
		if err := n.adopters()[role].CompareTrouble(); err != nil && n.cfg.Plays(role) && time.Since(n.started) > adoptionGrace {
			list = append(list, api.Health{Part: "deals", Message: fmt.Sprintf(
				"as %s, this node cannot compare its deals with the chain yet and keeps trying: %v", role, err)})
		}
	}
	return list
}
