package presence

import (
	"context"
	"testing"

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
	s := NewRoles(oneDeal{})
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

// growing is a chain whose deals come one by one; it counts the questions.
type growing struct {
	deals map[pdx.DealID]pdx.Deal
	err   error // of an endpoint that is away
	asked int
}

func (g *growing) Pool(context.Context, pdx.PoolID) (pdx.Pool, error) {
	return pdx.Pool{}, pdx.ErrNotFound
}

func (g *growing) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	g.asked++
	if g.err != nil {
		return pdx.Deal{}, g.err
	}
	d, ok := g.deals[id]
	if !ok {
		return d, pdx.ErrNotFound
	}
	return d, nil
}

func TestRoleCacheRemembersWhatIsNotThere(t *testing.T) {
	chain := &growing{deals: map[pdx.DealID]pdx.Deal{}}
	c := NewRoles(chain)
	check := func(deal pdx.DealID, account pdx.Address) gossip.RoleCheck {
		return c.Role(t.Context(), 1, deal, account, pdx.RoleSeller)
	}
	require.False(t, c.Known(1, 7, "liar"))
	for range 3 {
		require.Equal(t, gossip.Unknown, check(7, "liar"))
	}
	require.Equal(t, 1, chain.asked, "one question for all roles and repetitions")
	require.True(t, c.Known(1, 7, "liar"))

	chain.deals[7] = pdx.Deal{ID: 7, Pool: 1, Seller: "seller", Validators: []pdx.Address{"v"}}
	require.False(t, c.Known(1, 7, "seller"))
	require.Equal(t, gossip.Holds, check(7, "seller"), "a stranger named the deal first")
	require.Equal(t, gossip.Lacks, check(7, "liar"), "what exists is the same for all")
	require.Equal(t, 2, chain.asked)

	chain.err = pdx.ErrUnavailable
	require.Equal(t, gossip.Unasked, check(8, "seller"))
	require.False(t, c.Known(1, 8, "seller"), "an endpoint that is away says nothing")
}
