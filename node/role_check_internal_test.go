package node

import (
	"context"
	"testing"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
)

// oneDeal is a chain with pool 1 and deal 7 in it.
type oneDeal struct{}

func (oneDeal) Pool(_ context.Context, id pdx.PoolID) (pdx.Pool, error) {
	if id != 1 {
		return pdx.Pool{}, pdx.ErrNotFound
	}
	return pdx.Pool{ID: 1, Buyer: "buyer", Validators: []pdx.Address{"validator"}}, nil
}

func (oneDeal) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	if id != 7 {
		return pdx.Deal{}, pdx.ErrNotFound
	}
	return pdx.Deal{ID: 7, Pool: 1, Seller: "seller", Buyer: "buyer", Validators: []pdx.Address{"validator"}}, nil
}

func TestRoleCache(t *testing.T) {
	s := &roleCache{
		chain: oneDeal{},
		pools: expirable.NewLRU[pdx.PoolID, pdx.Pool](8, nil, roleTTL),
		deals: expirable.NewLRU[pdx.DealID, pdx.Deal](8, nil, roleTTL),
	}
	for _, c := range []struct {
		pool    pdx.PoolID
		deal    pdx.DealID
		account pdx.Address
		role    pdx.Role
		want    gossip.RoleCheck
	}{
		{1, 7, "seller", pdx.RoleSeller, gossip.Holds},
		{1, 7, "buyer", pdx.RoleBuyer, gossip.Holds},
		{1, 7, "validator", pdx.RoleValidator, gossip.Holds},
		{1, 7, "stranger", pdx.RoleSeller, gossip.Lacks},
		{2, 7, "seller", pdx.RoleSeller, gossip.Lacks},
		{1, 8, "seller", pdx.RoleSeller, gossip.Unknown},
		{1, 0, "validator", pdx.RoleValidator, gossip.Holds},
		{1, 0, "buyer", pdx.RoleBuyer, gossip.Holds},
		{1, 0, "seller", pdx.RoleSeller, gossip.Lacks},
		{9, 0, "buyer", pdx.RoleBuyer, gossip.Unknown},
	} {
		require.Equal(t, c.want, s.Role(t.Context(), c.pool, c.deal, c.account, c.role), "%+v", c)
	}
}
