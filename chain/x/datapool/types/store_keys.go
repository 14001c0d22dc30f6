package types

import (
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/codec"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The keys and values of the store for those who prove what it holds without
// the keeper, by which it is tested; docs/spec/datapool.md has the layout.

// rootKey is how the keeper encodes a pool and what a dataset claims in it.
var rootKey = collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey)

// PoolStoreKey returns the store key of a pool.
func PoolStoreKey(id uint64) []byte { return storeKey(PoolsPrefix, collections.Uint64Key, id) }

// DealStoreKey returns the store key of a deal.
func DealStoreKey(id uint64) []byte { return storeKey(DealsPrefix, collections.Uint64Key, id) }

// PoolTermsStoreKey and DealFieldsStoreKey return the store keys of texts. Whoever has the
// record that they belong to needs no proof of them: their hash is in it.
func PoolTermsStoreKey(pool uint64) []byte {
	return storeKey(PoolTermsPrefix, collections.Uint64Key, pool)
}

// DealFieldsStoreKey is explained with PoolTermsStoreKey.
func DealFieldsStoreKey(deal uint64) []byte {
	return storeKey(DealFieldsPrefix, collections.Uint64Key, deal)
}

// NextPoolStoreKey and NextDealStoreKey are where the numbers lie that the next
// pool and deal will have: each number below was given, and none is ever taken
// back.
func NextPoolStoreKey() []byte { return slices.Clone(NextPoolPrefix.Bytes()) }

// NextDealStoreKey is explained with NextPoolStoreKey.
func NextDealStoreKey() []byte { return slices.Clone(NextDealPrefix.Bytes()) }

// ValidatorStoreKey returns the store key of a validator.
func ValidatorStoreKey(address string) []byte {
	return storeKey(ValidatorsPrefix, collections.StringKey, address)
}

// ParamsStoreKey returns the store key of the parameters.
func ParamsStoreKey() []byte { return slices.Clone(ParamsPrefix.Bytes()) }

// RootStoreKey returns where the number of the deal lies that holds a ciphertext under a
// dataset key in a pool.
func RootStoreKey(pool uint64, root, datasetKey []byte) []byte {
	return storeKey(RootsPrefix, rootKey, collections.Join(pool, slices.Concat(root, datasetKey)))
}

// BalanceStoreKey returns the store key of what an account may withdraw.
func BalanceStoreKey(address string) []byte {
	return storeKey(BalancesPrefix, collections.StringKey, address)
}

// DecodeStoreAmount reads the value under a BalanceStoreKey.
func DecodeStoreAmount(value []byte) (math.Int, error) {
	amount, err := sdk.IntValue.Decode(value)
	if err != nil {
		return math.Int{}, fmt.Errorf("amount in the store: %w", err)
	}
	return amount, nil
}

// DecodeStoreNumber reads the value under a RootStoreKey, which is a deal's
// number, or under a NextPoolStoreKey or NextDealStoreKey.
func DecodeStoreNumber(value []byte) (uint64, error) {
	n, err := collections.Uint64Value.Decode(value)
	if err != nil {
		return 0, fmt.Errorf("number in the store: %w", err)
	}
	return n, nil
}

func storeKey[K any](prefix collections.Prefix, kc codec.KeyCodec[K], key K) []byte {
	encoded, err := collections.EncodeKeyWithPrefix(prefix.Bytes(), kc, key)
	if err != nil {
		panic(fmt.Sprintf("datapool: store key: %v", err)) // none of these codecs ever fails
	}
	return encoded
}
