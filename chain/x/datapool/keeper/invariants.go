package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// CheckInvariants checks the whole state: the rules of a genesis state, the balance of the
// module's account against what it owes, and every index against the records. It reads
// everything, so it is for tests, simulations and exports, never for a block.
func (k Keeper) CheckInvariants(c context.Context) error {
	ctx := sdk.UnwrapSDKContext(c)
	g, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := g.Validate(); err != nil {
		return err
	}
	if err := k.solvent(ctx, g); err != nil {
		return err
	}
	return k.checkIndexes(ctx, g)
}

// checkIndexes checks that each index finds each record, and nothing else.
func (k Keeper) checkIndexes(ctx sdk.Context, g *types.GenesisState) error {
	want, sums := map[string]int{}, newSums()
	for _, p := range g.Pools {
		if p.Status == types.POOL_STATUS_OPEN {
			want["deadlines"]++
		}
		if len(p.Terms) > 0 {
			want["terms"]++
		}
		if p.RefusesDuplicates() {
			want["tag keys"]++
		}
	}
	for _, d := range g.Deals {
		if d.Undrawn() {
			want["undrawn"]++
		}
		if d.Challenged() {
			want["challenged"] += len(d.Accepted())
		}
		if !d.State.Ended() {
			want["deadlines"]++
			want["deals by validator"] += len(d.Validators)
		}
		sums.add(d)
		if d.Tag() != nil {
			want["tags"]++
		}
		if !d.HoldsRoot() {
			continue
		}
		want["roots"]++
		holder, err := k.roots.Get(ctx, collections.Join(d.PoolId, d.Dataset.RootKey()))
		if err != nil || holder != d.Id {
			return errorsmod.Wrapf(types.ErrGenesis, "root of deal %d leads to deal %d", d.Id, holder)
		}
	}
	for _, index := range []string{"pools by status", "pools by buyer", "pools by price", "pools by media type"} {
		want[index] = len(g.Pools)
	}
	for _, index := range []string{"deals by pool", "deals by seller", "deals by buyer", "fields"} {
		want[index] = len(g.Deals)
	}
	want["pools by key"] = len(g.Pools)
	return errors.Join(k.checkSizes(ctx, want), k.checkSums(ctx, sums))
}

func (k Keeper) checkSizes(ctx sdk.Context, want map[string]int) error {
	var failed error
	check := func(index string) func(int, error) {
		return func(n int, err error) {
			if err != nil || n != want[index] {
				failed = errors.Join(failed, fmt.Errorf("%s: %d entries, %d are wanted: %w", index, n, want[index], errors.Join(types.ErrGenesis, err)))
			}
		}
	}
	check("deadlines")(setSize(ctx, k.queue))
	check("undrawn")(setSize(ctx, k.undrawn))
	check("fields")(size(ctx, k.dealFields))
	check("terms")(size(ctx, k.poolTerms))
	check("tag keys")(size(ctx, k.poolTagKeys))
	check("roots")(size(ctx, k.roots))
	check("tags")(size(ctx, k.tags))
	check("deals by validator")(setSize(ctx, k.dealsByValidator))
	check("challenged")(setSize(ctx, k.challenged))
	check("pools by status")(setSize(ctx, k.poolsBy.status))
	check("pools by buyer")(setSize(ctx, k.poolsBy.buyer))
	check("pools by key")(size(ctx, k.poolsBy.key))
	check("pools by price")(setSize(ctx, k.poolsBy.price))
	check("pools by media type")(setSize(ctx, k.poolsBy.media))
	check("deals by pool")(setSize(ctx, k.dealsBy.pool))
	check("deals by seller")(setSize(ctx, k.dealsBy.seller))
	check("deals by buyer")(setSize(ctx, k.dealsBy.buyer))
	return failed
}

func size[K, V any, M walker[K, V]](ctx sdk.Context, m M) (int, error) {
	list, err := values(ctx, m)
	return len(list), err
}

func setSize[K any](ctx sdk.Context, set collections.KeySet[K]) (n int, err error) {
	err = set.Walk(ctx, nil, func(K) (bool, error) {
		n++
		return false, nil
	})
	return n, err
}
