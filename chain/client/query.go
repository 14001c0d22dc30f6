package client

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Head returns the last block.
func (l *Ledger) Head(ctx context.Context) (pdx.Head, error) { return l.backend.Head(ctx) }

// Pool reads one pool; ErrNotFound if there is none.
func (l *Ledger) Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error) {
	res, err := l.query.Pool(ctx, &types.QueryPoolRequest{PoolId: uint64(id)})
	if err != nil {
		return pdx.Pool{}, queryError(fmt.Sprintf("pool %d", id), err)
	}
	pool, err := toPool(res.Pool)
	pool.CloseCost = pdx.Amount(res.CloseCost)
	return pool, err
}

// TagKeys reads what a pool sealed to its validators, in their order; none if it takes
// duplicates. They are not proven: the commitment in a proven deal says which key is true.
func (l *Ledger) TagKeys(ctx context.Context, id pdx.PoolID) ([][]byte, error) {
	res, err := l.query.TagKeys(ctx, &types.QueryTagKeysRequest{PoolId: uint64(id)})
	if err != nil {
		return nil, queryError(fmt.Sprintf("tag keys of pool %d", id), err)
	}
	return res.Keys, nil
}

// Pools reads a page of pools, in the filter's order, and the cursor of the next
// page, empty at the end. A page may be empty before the end.
func (l *Ledger) Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error) {
	page, err := pageRequest(f.Limit, f.Cursor, f.Reverse)
	if err != nil {
		return nil, "", err
	}
	status, err := fromPoolStatus(f.Status)
	if err != nil {
		return nil, "", err
	}
	res, err := l.query.Pools(ctx, &types.QueryPoolsRequest{
		Status: status, Buyer: string(f.Buyer), MediaType: f.MediaType,
		MinPrice: uint64(f.MinPrice), MaxPrice: uint64(f.MaxPrice), Texts: true, Pagination: page,
	})
	if err != nil {
		return nil, "", queryError("pools", err)
	}
	pools, err := each(res.Pools, toPool)
	return pools, nextCursor(res.Pagination), err
}

// Deal reads one deal; ErrNotFound if there is none.
func (l *Ledger) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error) {
	res, err := l.query.Deal(ctx, &types.QueryDealRequest{DealId: uint64(id)})
	if err != nil {
		return pdx.Deal{}, queryError(fmt.Sprintf("deal %d", id), err)
	}
	return toDeal(res.Deal)
}

// DealByRoot reads the deal of a ciphertext under a dataset key in a pool; ErrNotFound if it
// was never offered there.
func (l *Ledger) DealByRoot(ctx context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element) (pdx.Deal, error) {
	res, err := l.query.DealByRoot(ctx, &types.QueryDealByRootRequest{PoolId: uint64(pool), Root: root[:], DatasetKey: key[:]})
	if err != nil {
		return pdx.Deal{}, queryError(fmt.Sprintf("deal of %s in pool %d", root, pool), err)
	}
	return toDeal(res.Deal)
}

// Deals reads a page of deals, in the filter's order, and the cursor of the next
// page, empty at the end. A page may be empty before the end.
func (l *Ledger) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	page, err := pageRequest(f.Limit, f.Cursor, f.Reverse)
	if err != nil {
		return nil, "", err
	}
	state, err := fromDealState(f.State)
	if err != nil {
		return nil, "", err
	}
	due, err := l.dueHeight(ctx, f.Due)
	if err != nil {
		return nil, "", err
	}
	res, err := l.query.Deals(ctx, &types.QueryDealsRequest{
		PoolId: uint64(f.Pool), Seller: string(f.Seller), Buyer: string(f.Buyer), Validator: string(f.Validator),
		State: state, DueHeight: due, Undrawn: f.Undrawn, Challenged: f.Challenged, Texts: !f.NoTexts, Pagination: page,
	})
	if err != nil {
		return nil, "", queryError("deals", err)
	}
	deals, err := each(res.Deals, toDeal)
	return deals, nextCursor(res.Pagination), err
}

// dueHeight returns the height that the chain reaches after d at its block time; 0 for no
// duration.
func (l *Ledger) dueHeight(ctx context.Context, d time.Duration) (int64, error) {
	if d == 0 {
		return 0, nil
	}
	if d < 0 || d > types.MaxDuration {
		return 0, fmt.Errorf("deadline within %v: %w: a time from now on is wanted, ten years at the most", d, pdx.ErrInvalid)
	}
	params, err := l.Params(ctx)
	if err != nil {
		return 0, err
	}
	if params.BlockTime < types.MinBlockTime {
		return 0, fmt.Errorf("%w: the chain's parameters have a block time of %v", pdx.ErrCorrupt, params.BlockTime)
	}
	head, err := l.Head(ctx)
	return head.Height + 1 + types.Blocks(d, params.BlockTime), err
}

// Validator reads one validator; ErrNotFound if the account never registered.
func (l *Ledger) Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error) {
	res, err := l.query.Validator(ctx, &types.QueryValidatorRequest{Address: string(address)})
	if err != nil {
		return pdx.Validator{}, queryError(fmt.Sprintf("validator %s", address), err)
	}
	v, err := toValidator(res.Validator)
	v.Conditions = toConditions(res.Conditions)
	v.Staked = pdx.Amount(res.Staked)
	if v.Earned = math.MaxUint64; res.Earned.IsNil() || res.Earned.IsUint64() {
		v.Earned, _ = toAmount(res.Earned)
	}
	return v, err
}

// Validators reads all registered validators.
func (l *Ledger) Validators(ctx context.Context) ([]pdx.Validator, error) {
	var all []pdx.Validator
	page := &query.PageRequest{Limit: maxPage}
	for range maxValidatorPages {
		res, err := l.query.Validators(ctx, &types.QueryValidatorsRequest{Pagination: page})
		if err != nil {
			return nil, queryError("validators", err)
		}
		some, err := each(res.Validators, toValidator)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return all, nil
		}
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: maxPage}
	}
	return nil, fmt.Errorf("validators: %w: the chain's list does not end", pdx.ErrCorrupt)
}

// Params reads the module's parameters as the chain holds them.
func (l *Ledger) Params(ctx context.Context) (types.Params, error) {
	res, err := l.query.Params(ctx, &types.QueryParamsRequest{})
	if err != nil {
		return types.Params{}, queryError("parameters", err)
	}
	return res.Params, nil
}

// OfferDeposit returns what a seller must deposit with an offer of these fields to so many
// validators of a pool.
func (l *Ledger) OfferDeposit(ctx context.Context, pool pdx.Pool, fields []string, validators int) (pdx.Amount, error) {
	params, err := l.Params(ctx)
	if err != nil {
		return 0, err
	}
	if params.OfferDeposit.IsNil() {
		return 0, fmt.Errorf("%w: the chain's parameters have no deposit", pdx.ErrCorrupt)
	}
	return toAmount(params.Deposit(fields, pool.Draw, validators, uint64(pool.Reward)))
}

// Balance returns what an account can spend outside the module.
func (l *Ledger) Balance(ctx context.Context, address pdx.Address) (pdx.Amount, error) {
	what := fmt.Sprintf("balance of %s", address)
	res, err := l.bank.SpendableBalanceByDenom(ctx, &banktypes.QuerySpendableBalanceByDenomRequest{Address: string(address), Denom: pdx.Denom})
	if err != nil {
		return 0, queryError(what, err)
	}
	if res.Balance == nil {
		return 0, fmt.Errorf("%s: %w: the chain's answer has none", what, pdx.ErrCorrupt)
	}
	return toAmount(res.Balance.Amount)
}

// Withdrawable returns what an account may withdraw from the module.
func (l *Ledger) Withdrawable(ctx context.Context, address pdx.Address) (pdx.Amount, error) {
	res, err := l.query.Balance(ctx, &types.QueryBalanceRequest{Address: string(address)})
	if err != nil {
		return 0, queryError(fmt.Sprintf("withdrawable balance of %s", address), err)
	}
	return toAmount(res.Balance.Amount)
}

func pageRequest(limit int, cursor string, reverse bool) (*query.PageRequest, error) {
	if limit <= 0 {
		limit = defaultPage
	}
	key, err := hex.DecodeString(cursor)
	if err != nil {
		return nil, fmt.Errorf("cursor %q: %w: take it from the page before", cursor, pdx.ErrInvalid)
	}
	return &query.PageRequest{Key: key, Limit: uint64(min(limit, maxPage)), Reverse: reverse}, nil
}

func nextCursor(page *query.PageResponse) string {
	if page == nil {
		return ""
	}
	return hex.EncodeToString(page.NextKey)
}

// each converts a list, and stops at the first invalid element.
func each[From, To any](list []From, convert func(From) (To, error)) ([]To, error) {
	out := make([]To, 0, len(list))
	for _, item := range list {
		v, err := convert(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Stake returns what each accept of a deal of this price, of which k are required, takes of
// its validator's bond.
func (l *Ledger) Stake(ctx context.Context, price pdx.Amount, k uint32) (pdx.Amount, error) {
	params, err := l.Params(ctx)
	if err != nil {
		return 0, err
	}
	return pdx.Amount(params.NewStake(sdkmath.NewIntFromUint64(uint64(price)), max(1, k), 0).Amount), nil
}
