package keeper

import (
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// A Keeper is the module over its store.
type Keeper struct {
	addresses address.Codec
	bank      types.BankKeeper
	authority string

	schema     collections.Schema
	params     collections.Item[types.Params]
	validators collections.Map[string, types.Validator]
	pools      collections.Map[uint64, types.Pool]
	poolsBy    poolIndexes
	nextPool   collections.Item[uint64]
	deals      collections.Map[uint64, types.Deal]
	dealsBy    dealIndexes
	nextDeal   collections.Item[uint64]
	// poolTerms and dealFields are texts that are written once; the records have their hashes.
	poolTerms  collections.Map[uint64, types.PoolTerms]
	dealFields collections.Map[uint64, types.DealFields]
	// poolTagKeys are what pools that refuse duplicates sealed to their validators.
	poolTagKeys collections.Map[uint64, types.PoolTagKeys]
	// conditions are those that validators stated.
	conditions collections.Map[string, types.Conditions]
	// roots and tags name the deal that holds a dataset's RootKey or a duplicate tag
	// in a pool; deals that ended without their seller's fault hold none.
	roots collections.Map[collections.Pair[uint64, []byte], uint64]
	tags  collections.Map[collections.Pair[uint64, []byte], uint64]
	// balances are positive; an empty one is removed.
	balances collections.Map[string, math.Int]
	// dealsByValidator are the deals that a validator may certify, or might have, and that
	// have not ended.
	dealsByValidator collections.KeySet[validatorDeal]
	// undrawn are the deals of a pool that wait for their draw, drawBlocks the blocks whose
	// hashes are a part of it.
	undrawn    collections.KeySet[poolDeal]
	drawBlocks collections.Map[int64, types.DrawBlock]
	// totals have the sum of a validator's stakes in deals that it accepted and that have not
	// ended, which is never above its bond, and what it earned. None is all zero.
	totals collections.Map[string, types.Totals]
	// offers are the numbers of deals in a pool that wait for their certification, and
	// offerCounts those of one seller, with its certified ones. None is zero.
	offers      collections.Map[uint64, uint64]
	offerCounts collections.Map[poolSeller, types.OfferCount]
	// challenged are the deals with an open challenge that a validator can answer.
	challenged collections.KeySet[validatorDeal]
	// bondNotice is there from a raise of the least bond on.
	bondNotice collections.Item[types.BondNotice]
	// queue has each item that must end under the height at which to handle it next. The
	// item's record says where it stands, unless the item failed and was put off.
	queue collections.KeySet[due]
	// hooks are those of other modules, the same for all copies of the keeper.
	hooks *[]types.Hooks
}

// NewKeeper wires the module. authority is the bech32 address that may change
// the parameters. It panics if the wiring is wrong, and if this process would judge a
// complaint otherwise than others do.
func NewKeeper(
	cdc codec.BinaryCodec, storeService store.KVStoreService, addressCodec address.Codec,
	bank types.BankKeeper, authority string,
) Keeper {
	if _, err := addressCodec.StringToBytes(authority); err != nil {
		panic(fmt.Sprintf("datapool: authority %q: %v", authority, err))
	}
	if err := checkJudgement(); err != nil {
		panic(fmt.Sprintf("datapool: %v", err))
	}
	sb := collections.NewSchemaBuilder(storeService)
	byBytes := collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey)
	k := Keeper{
		addresses: addressCodec,
		bank:      bank,
		authority: authority,
		hooks:     new([]types.Hooks),
		params:    collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		validators: collections.NewMap(sb, types.ValidatorsPrefix, "validators",
			collections.StringKey, codec.CollValue[types.Validator](cdc)),
		pools:    collections.NewMap(sb, types.PoolsPrefix, "pools", collections.Uint64Key, codec.CollValue[types.Pool](cdc)),
		poolsBy:  newPoolIndexes(sb),
		nextPool: collections.NewItem(sb, types.NextPoolPrefix, "next_pool", collections.Uint64Value),
		deals:    collections.NewMap(sb, types.DealsPrefix, "deals", collections.Uint64Key, codec.CollValue[types.Deal](cdc)),
		dealsBy:  newDealIndexes(sb),
		poolTerms: collections.NewMap(sb, types.PoolTermsPrefix, "pool_terms",
			collections.Uint64Key, codec.CollValue[types.PoolTerms](cdc)),
		dealFields: collections.NewMap(sb, types.DealFieldsPrefix, "deal_fields",
			collections.Uint64Key, codec.CollValue[types.DealFields](cdc)),
		poolTagKeys: collections.NewMap(sb, types.PoolTagKeysPrefix, "pool_tag_keys",
			collections.Uint64Key, codec.CollValue[types.PoolTagKeys](cdc)),
		conditions: collections.NewMap(sb, types.ConditionsPrefix, "conditions",
			collections.StringKey, codec.CollValue[types.Conditions](cdc)),
		nextDeal:         collections.NewItem(sb, types.NextDealPrefix, "next_deal", collections.Uint64Value),
		roots:            collections.NewMap(sb, types.RootsPrefix, "roots", byBytes, collections.Uint64Value),
		tags:             collections.NewMap(sb, types.TagsPrefix, "tags", byBytes, collections.Uint64Value),
		balances:         collections.NewMap(sb, types.BalancesPrefix, "balances", collections.StringKey, sdk.IntValue),
		dealsByValidator: collections.NewKeySet(sb, types.DealsByValidatorPrefix, "deals_by_validator", validatorDealCodec),
		undrawn:          collections.NewKeySet(sb, types.UndrawnPrefix, "undrawn", poolDealCodec),
		drawBlocks: collections.NewMap(sb, types.DrawBlocksPrefix, "draw_blocks",
			collections.Int64Key, codec.CollValue[types.DrawBlock](cdc)),
		totals: collections.NewMap(sb, types.TotalsPrefix, "totals", collections.StringKey, codec.CollValue[types.Totals](cdc)),
		offers: collections.NewMap(sb, types.OffersPrefix, "offers", collections.Uint64Key, collections.Uint64Value),
		offerCounts: collections.NewMap(sb, types.OfferCountsPrefix, "offer_counts",
			poolSellerCodec, codec.CollValue[types.OfferCount](cdc)),
		bondNotice: collections.NewItem(sb, types.BondNoticePrefix, "bond_notice", codec.CollValue[types.BondNotice](cdc)),
		challenged: collections.NewKeySet(sb, types.ChallengedPrefix, "challenged", validatorDealCodec),
		queue:      collections.NewKeySet(sb, types.QueuePrefix, "queue", dueCodec),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(fmt.Sprintf("datapool: schema: %v", err))
	}
	k.schema = schema
	return k
}

// Schema describes the store for tools that display it.
func (k Keeper) Schema() collections.Schema { return k.schema }

// Authority returns the address that may change the parameters.
func (k Keeper) Authority() string { return k.authority }
