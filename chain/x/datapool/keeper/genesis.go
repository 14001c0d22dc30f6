package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// InitGenesis writes a state into an empty store and rebuilds every index. It refuses a state
// that is inconsistent or that owes more than the module's account holds.
func (k Keeper) InitGenesis(c context.Context, g *types.GenesisState) error {
	ctx := sdk.UnwrapSDKContext(c)
	if err := g.Validate(); err != nil {
		return err
	}
	if err := g.ValidateAt(max(1, ctx.BlockHeight()-1), ctx.BlockTime()); err != nil {
		return err
	}
	if err := k.accountsOf(accountsIn(g)...); err != nil {
		return err
	}
	if err := k.solvent(ctx, g); err != nil {
		return err
	}
	if err := k.params.Set(ctx, g.Params); err != nil {
		return err
	}
	if err := k.nextPool.Set(ctx, g.NextPoolId); err != nil {
		return err
	}
	if err := k.nextDeal.Set(ctx, g.NextDealId); err != nil {
		return err
	}
	if g.BondNotice != nil {
		if err := k.bondNotice.Set(ctx, *g.BondNotice); err != nil {
			return err
		}
	}
	return k.initRecords(ctx, g)
}

func (k Keeper) initRecords(ctx sdk.Context, g *types.GenesisState) error {
	for _, v := range g.Validators {
		if err := k.validators.Set(ctx, v.Address, v); err != nil {
			return err
		}
	}
	for _, c := range g.Conditions {
		if err := k.conditions.Set(ctx, c.Validator, c.Conditions); err != nil {
			return err
		}
	}
	for _, b := range g.Balances {
		if err := k.balances.Set(ctx, b.Address, b.Amount); err != nil {
			return err
		}
	}
	for _, e := range g.Earned {
		if err := k.totals.Set(ctx, e.Address, types.Totals{Earned: e.Amount}); err != nil {
			return err
		}
	}
	for _, p := range g.Pools {
		if err := k.initPool(ctx, p); err != nil {
			return err
		}
	}
	for _, d := range g.Deals {
		if err := k.initDeal(ctx, d); err != nil {
			return err
		}
	}
	for _, keys := range g.TagKeys {
		if err := k.setTagKeys(ctx, keys); err != nil {
			return err
		}
	}
	return k.initDrawBlocks(ctx, g.DrawBlocks)
}

// initDrawBlocks refuses a block that is yet to come and has a hash already, and one
// without a hash that is not the next one.
func (k Keeper) initDrawBlocks(ctx sdk.Context, blocks []types.DrawBlock) error {
	next := max(1, ctx.BlockHeight())
	for _, b := range blocks {
		if noted := len(b.Hash) != 0; noted != (b.Height < next) || b.Height > next {
			return errorsmod.Wrapf(types.ErrGenesis, "draw block %d at height %d", b.Height, ctx.BlockHeight())
		}
		if err := k.drawBlocks.Set(ctx, b.Height, b); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) initPool(ctx sdk.Context, pool types.Pool) error {
	if pool.Status == types.POOL_STATUS_OPEN {
		if err := k.watchPool(ctx, &pool, pool.QueuedHeight-1); err != nil {
			return err
		}
	}
	return k.setPool(ctx, pool)
}

func (k Keeper) initDeal(ctx sdk.Context, deal types.Deal) error {
	if !deal.State.Ended() {
		if err := k.watchDeal(ctx, &deal, deal.QueuedHeight-1); err != nil {
			return err
		}
	}
	if deal.Challenged() {
		if err := k.listChallenged(ctx, deal); err != nil {
			return err
		}
	}
	if deal.HoldsRoot() {
		if err := k.holdRoot(ctx, deal); err != nil {
			return err
		}
	}
	if err := k.holdTag(ctx, deal); err != nil {
		return err
	}
	if deal.Undrawn() {
		if err := k.undrawn.Set(ctx, collections.Join(deal.PoolId, deal.Id)); err != nil {
			return err
		}
	}
	if err := k.initValidatorsOf(ctx, deal); err != nil {
		return err
	}
	if err := k.setFields(ctx, deal.Id, deal.DisclosedFields); err != nil {
		return err
	}
	deal.DisclosedFields = nil
	if err := k.dealsBy.add(ctx, deal); err != nil {
		return err
	}
	if err := k.countStep(ctx, deal, types.DEAL_STATE_UNSPECIFIED, deal.State); err != nil {
		return err
	}
	return k.deals.Set(ctx, deal.Id, deal)
}

func (k Keeper) initValidatorsOf(ctx sdk.Context, deal types.Deal) error {
	if deal.State.Ended() {
		return nil
	}
	if err := k.list(ctx, deal); err != nil {
		return err
	}
	for _, c := range deal.Accepted() {
		if err := k.bind(ctx, c.Validator, deal); err != nil {
			return err
		}
	}
	return nil
}

// accountsIn lists every address that the module acts on.
func accountsIn(g *types.GenesisState) []string {
	var accounts []string
	for _, v := range g.Validators {
		accounts = append(accounts, v.Address)
	}
	for _, b := range g.Balances {
		accounts = append(accounts, b.Address)
	}
	for _, p := range g.Pools {
		accounts = append(append(accounts, p.Buyer), p.Validators...)
	}
	for _, d := range g.Deals {
		accounts = append(accounts, d.Seller)
	}
	for _, c := range g.Conditions {
		accounts = append(accounts, c.Conditions.Buyers...)
	}
	return accounts
}

// solvent refuses a state that owes more than the module's account holds. The account may
// hold more.
func (k Keeper) solvent(ctx sdk.Context, g *types.GenesisState) error {
	held := k.bank.GetBalance(ctx, ModuleAddress(), g.Params.Denom).Amount
	if owed := g.Owed(); held.LT(owed) {
		return errorsmod.Wrapf(types.ErrInsolvent, "%s of %s", held, owed)
	}
	return nil
}

// ExportGenesis reads the whole state, everything in the order of its keys.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	var g types.GenesisState
	var err error
	if g.Params, err = k.params.Get(ctx); err != nil {
		return nil, fmt.Errorf("read parameters: %w", err)
	}
	if g.NextPoolId, err = k.nextPool.Get(ctx); err != nil {
		return nil, fmt.Errorf("read next pool: %w", err)
	}
	if g.NextDealId, err = k.nextDeal.Get(ctx); err != nil {
		return nil, fmt.Errorf("read next deal: %w", err)
	}
	if g.Validators, err = values(ctx, k.validators); err != nil {
		return nil, fmt.Errorf("read validators: %w", err)
	}
	if g.Pools, err = values(ctx, k.pools); err != nil {
		return nil, fmt.Errorf("read pools: %w", err)
	}
	for i := range g.Pools {
		if err := k.joinPool(ctx, &g.Pools[i]); err != nil {
			return nil, fmt.Errorf("read terms: %w", err)
		}
	}
	if g.Deals, err = values(ctx, k.deals); err != nil {
		return nil, fmt.Errorf("read deals: %w", err)
	}
	if g.DrawBlocks, err = values(ctx, k.drawBlocks); err != nil {
		return nil, fmt.Errorf("read draw blocks: %w", err)
	}
	for i := range g.Deals {
		if err := k.joinDeal(ctx, &g.Deals[i]); err != nil {
			return nil, fmt.Errorf("read fields: %w", err)
		}
	}
	err = k.conditions.Walk(ctx, nil, func(validator string, c types.Conditions) (bool, error) {
		g.Conditions = append(g.Conditions, types.ValidatorConditions{Validator: validator, Conditions: c})
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read conditions: %w", err)
	}
	if g.TagKeys, err = values(ctx, k.poolTagKeys); err != nil {
		return nil, fmt.Errorf("read tag keys: %w", err)
	}
	if g.Earned, err = k.exportEarned(ctx); err != nil {
		return nil, fmt.Errorf("read what was earned: %w", err)
	}
	if g.BondNotice, err = k.exportNotice(ctx); err != nil {
		return nil, fmt.Errorf("read bond notice: %w", err)
	}
	err = k.balances.Walk(ctx, nil, func(address string, amount math.Int) (bool, error) {
		g.Balances = append(g.Balances, types.Balance{Address: address, Amount: amount})
		return false, nil
	})
	return &g, err
}

// walker is a map of any kind.
type walker[K, V any] interface {
	Walk(ctx context.Context, ranger collections.Ranger[K], walk func(K, V) (bool, error)) error
}

func values[K, V any, M walker[K, V]](ctx context.Context, m M) ([]V, error) {
	var list []V
	err := m.Walk(ctx, nil, func(_ K, v V) (bool, error) {
		list = append(list, v)
		return false, nil
	})
	return list, err
}
