package keeper_test

import (
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	storetypes "cosmossdk.io/store/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// What the keeper wrote lies under the keys that others prove it by.
func TestStoreKeys(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.Offer()
	deal, pool := m.Deal(id), m.GetPool()
	fields := deal.DisclosedFields
	deal.DisclosedFields, pool = nil, pool.WithoutTexts()
	validator := deal.Validators[0].Address
	m.Damage(func(raw storetypes.KVStore) {
		for name, c := range map[string]struct {
			key  []byte
			into interface {
				proto.Message
				Unmarshal([]byte) error
			}
			want any
		}{
			"deal":      {types.DealStoreKey(id), &types.Deal{}, &deal},
			"pool":      {types.PoolStoreKey(deal.PoolId), &types.Pool{}, &pool},
			"validator": {types.ValidatorStoreKey(validator), &types.Validator{}, nil},
			"terms":     {types.PoolTermsStoreKey(deal.PoolId), &types.PoolTerms{}, &types.PoolTerms{Terms: datapooltest.Terms()}},
			"fields":    {types.DealFieldsStoreKey(id), &types.DealFields{}, &types.DealFields{DisclosedFields: fields}},
			"params":    {types.ParamsStoreKey(), &types.Params{}, nil},
		} {
			value := raw.Get(c.key)
			require.NotEmpty(t, value, name)
			require.NoError(t, c.into.Unmarshal(value), name)
			if c.want != nil {
				require.Equal(t, c.want, c.into, name)
			}
			again, err := proto.Marshal(c.into)
			require.NoError(t, err)
			require.Equal(t, value, again, name)
		}
		for want, key := range map[uint64][]byte{
			id: types.RootStoreKey(deal.PoolId, deal.Dataset.Root, deal.Dataset.DatasetKey), id + 1: types.NextDealStoreKey(),
		} {
			number, err := types.DecodeStoreNumber(raw.Get(key))
			require.NoError(t, err)
			require.Equal(t, want, number)
		}
		next, err := types.DecodeStoreNumber(raw.Get(types.NextPoolStoreKey()))
		require.NoError(t, err)
		require.Equal(t, deal.PoolId+1, next)
		require.Nil(t, raw.Get(types.DealStoreKey(id+1)))
	})
	_, err := types.DecodeStoreNumber([]byte{1, 2})
	require.Error(t, err)
}

// TestNothingEmptyLiesNextToBalances: that an account has no balance is proven by the keys on
// both sides, and no proof can be made of a key whose value is empty.
func TestNothingEmptyLiesNextToBalances(t *testing.T) {
	busyMarket(t).Damage(func(s storetypes.KVStore) {
		after := s.Iterator(types.PoolsByKeyPrefix.Bytes(), nil)
		defer after.Close()
		require.NotEmpty(t, after.Value())
		between := s.Iterator(storetypes.PrefixEndBytes(types.BalancesPrefix.Bytes()), types.PoolsByKeyPrefix.Bytes())
		defer between.Close()
		require.False(t, between.Valid())
		before := s.ReverseIterator(nil, types.BalancesPrefix.Bytes())
		defer before.Close()
		require.NotEmpty(t, before.Value())
	})
}
