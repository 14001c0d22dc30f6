package node

import (
	"context"
	"math/rand/v2"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/peers"
)

// maxMet bounds the validators that the chain names and a topic is entered through.
const maxMet = 3

// meet finds peers of a pool in any role. The first are validators that the chain names;
// the others, of each role in turn, are unproven.
func (n *Node) meet(ctx context.Context, pool pdx.PoolID) ([]peer.AddrInfo, error) {
	all := n.poolValidators(ctx, pool)
	var found [][]peer.AddrInfo
	for _, role := range []pdx.Role{pdx.RoleValidator, pdx.RoleBuyer, pdx.RoleSeller} {
		infos, err := n.discovery.Find(ctx, pool, role)
		if err != nil {
			return all, err
		}
		found = append(found, infos)
	}
	for i := range max(len(found[0]), len(found[1]), len(found[2])) {
		for _, infos := range found {
			if i < len(infos) {
				all = append(all, infos[i])
			}
		}
	}
	return all, nil
}

// poolValidators returns some of the peers that the chain names for a pool's validators.
func (n *Node) poolValidators(ctx context.Context, id pdx.PoolID) (infos []peer.AddrInfo) {
	pool, err := n.chain.Pool(ctx, id)
	if err != nil {
		return nil
	}
	for _, i := range rand.Perm(len(pool.Validators))[:min(len(pool.Validators), maxMet)] {
		v, err := n.chain.Validator(ctx, pool.Validators[i])
		if err != nil {
			continue
		}
		if info, err := peers.ContactOf(v); err == nil && info.ID != n.host.ID() {
			infos = append(infos, info)
		}
	}
	return infos
}
