package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// checkRecipients refuses a pool that refuses duplicates if one of its validators cannot be
// given its tag key.
func checkRecipients(pool types.Pool, validators []types.Validator) error {
	if !pool.RefusesDuplicates() {
		return nil
	}
	for _, v := range validators {
		if len(v.RecipientKey) == 0 {
			return errorsmod.Wrap(types.ErrNoRecipientKey, v.Address)
		}
	}
	return nil
}

// setTagKeys writes what a pool sealed to its validators, if it did. No step of a deal reads it.
func (k Keeper) setTagKeys(ctx context.Context, keys types.PoolTagKeys) error {
	if len(keys.Keys) == 0 {
		return nil
	}
	return k.poolTagKeys.Set(ctx, keys.PoolId, keys)
}

// tagKeys reads what a pool sealed to its validators, or ErrPoolNotFound.
func (k Keeper) tagKeys(ctx context.Context, id uint64) ([][]byte, error) {
	pool, err := k.pool(ctx, id)
	if err != nil || !pool.RefusesDuplicates() {
		return nil, err
	}
	keys, err := k.poolTagKeys.Get(ctx, pool.Id)
	if errors.Is(err, collections.ErrNotFound) {
		err = errorsmod.Wrapf(types.ErrGenesis, "pool %d has no tag keys", id)
	}
	return keys.Keys, err
}
