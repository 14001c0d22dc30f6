package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Indexes of pools and deals are sets of keys that the keeper writes itself: once, when a
// record is made, and again when a pool's status changes. The library's indexes read the
// former record with every write of it, though a deal keeps its seller.

// numbered is a number under an entry of an index.
type numbered[E any] = collections.Pair[E, uint64]

// statusPrice and statusMedia are the entries of a status and a price, and of a
// status and a media type.
type (
	statusPrice = collections.Pair[int32, uint64]
	statusMedia = collections.Pair[int32, string]
)

var (
	statusPriceCodec = collections.PairKeyCodec(collections.Int32Key, collections.Uint64Key)
	statusMediaCodec = collections.PairKeyCodec(collections.Int32Key, collections.StringKey)
)

type poolIndexes struct {
	status collections.KeySet[numbered[int32]]
	buyer  collections.KeySet[numbered[string]]
	// key restricts a buyer key to one pool, which makes a repeated message harmless.
	key collections.Map[[]byte, uint64]
	// price and media find pools of one status, so that a search for open pools does not
	// read ended ones.
	price collections.KeySet[numbered[statusPrice]]
	media collections.KeySet[numbered[statusMedia]]
}

func newPoolIndexes(sb *collections.SchemaBuilder) poolIndexes {
	return poolIndexes{
		status: collections.NewKeySet(sb, types.PoolsByStatusPrefix, "pools_by_status",
			collections.PairKeyCodec(collections.Int32Key, collections.Uint64Key)),
		buyer: collections.NewKeySet(sb, types.PoolsByBuyerPrefix, "pools_by_buyer",
			collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)),
		key: collections.NewMap(sb, types.PoolsByKeyPrefix, "pools_by_key", collections.BytesKey, collections.Uint64Value),
		price: collections.NewKeySet(sb, types.PoolsByPricePrefix, "pools_by_price",
			collections.PairKeyCodec(statusPriceCodec, collections.Uint64Key)),
		media: collections.NewKeySet(sb, types.PoolsByMediaTypePrefix, "pools_by_media_type",
			collections.PairKeyCodec(statusMediaCodec, collections.Uint64Key)),
	}
}

// add enters a new pool.
func (i poolIndexes) add(ctx context.Context, pool types.Pool) error {
	if err := i.buyer.Set(ctx, collections.Join(pool.Buyer, pool.Id)); err != nil {
		return err
	}
	if err := i.key.Set(ctx, pool.BuyerKey, pool.Id); err != nil {
		return err
	}
	return i.enter(ctx, pool)
}

// enter enters a pool under its status.
func (i poolIndexes) enter(ctx context.Context, pool types.Pool) error {
	status, price, media := underStatus(pool, pool.Status)
	if err := i.status.Set(ctx, status); err != nil {
		return err
	}
	if err := i.price.Set(ctx, price); err != nil {
		return err
	}
	return i.media.Set(ctx, media)
}

// leave removes a pool from a status that it had.
func (i poolIndexes) leave(ctx context.Context, pool types.Pool, was types.PoolStatus) error {
	status, price, media := underStatus(pool, was)
	if err := i.status.Remove(ctx, status); err != nil {
		return err
	}
	if err := i.price.Remove(ctx, price); err != nil {
		return err
	}
	return i.media.Remove(ctx, media)
}

// underStatus returns the keys of a pool in the indexes that hang on its status.
func underStatus(pool types.Pool, s types.PoolStatus) (numbered[int32], numbered[statusPrice], numbered[statusMedia]) {
	status := int32(s)
	return collections.Join(status, pool.Id),
		collections.Join(collections.Join(status, pool.Price.Uint64()), pool.Id),
		collections.Join(collections.Join(status, types.FoldMediaType(pool.MediaType)), pool.Id)
}

type dealIndexes struct {
	pool          collections.KeySet[numbered[uint64]]
	seller, buyer collections.KeySet[numbered[string]]
}

func newDealIndexes(sb *collections.SchemaBuilder) dealIndexes {
	byAccount := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	return dealIndexes{
		pool: collections.NewKeySet(sb, types.DealsByPoolPrefix, "deals_by_pool",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)),
		seller: collections.NewKeySet(sb, types.DealsBySellerPrefix, "deals_by_seller", byAccount),
		buyer:  collections.NewKeySet(sb, types.DealsByBuyerPrefix, "deals_by_buyer", byAccount),
	}
}

// add enters a new deal.
func (i dealIndexes) add(ctx context.Context, deal types.Deal) error {
	if err := i.pool.Set(ctx, collections.Join(deal.PoolId, deal.Id)); err != nil {
		return err
	}
	if err := i.seller.Set(ctx, collections.Join(deal.Seller, deal.Id)); err != nil {
		return err
	}
	return i.buyer.Set(ctx, collections.Join(deal.Buyer, deal.Id))
}

// deadlineKey names an item that must end: what it is, and its number.
type deadlineKey = collections.Pair[uint64, uint64]

// The kinds of items with a deadline.
const (
	poolDeadline uint64 = 1
	dealDeadline uint64 = 2
)

var deadlineKeyCodec = collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)

// due is an entry of the queue of deadlines: the height at which the end blocker handles an
// item, and the item.
type due = collections.Pair[int64, deadlineKey]

var dueCodec = collections.PairKeyCodec(collections.Int64Key, deadlineKeyCodec)
