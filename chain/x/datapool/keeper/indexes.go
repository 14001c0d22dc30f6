package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/indexes"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

type poolIndexes struct {
	Status multi[int32, uint64, types.Pool]
	Buyer  multi[string, uint64, types.Pool]
	// Key restricts a buyer key to one pool, which makes a repeated message harmless.
	Key unique[[]byte, uint64, types.Pool]
	// Price and Media find pools of one status, so that a search for open pools does not
	// read ended ones.
	Price multi[statusPrice, uint64, types.Pool]
	Media multi[statusMedia, uint64, types.Pool]
}

func (i poolIndexes) IndexesList() []collections.Index[uint64, types.Pool] {
	return []collections.Index[uint64, types.Pool]{i.Status, i.Buyer, i.Key, i.Price, i.Media}
}

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

func newPoolIndexes(sb *collections.SchemaBuilder) poolIndexes {
	return poolIndexes{
		Status: newMulti(sb, types.PoolsByStatusPrefix, "pools_by_status", collections.Int32Key, collections.Uint64Key,
			func(_ uint64, p types.Pool) (int32, error) { return int32(p.Status), nil }),
		Buyer: newMulti(sb, types.PoolsByBuyerPrefix, "pools_by_buyer", collections.StringKey, collections.Uint64Key,
			func(_ uint64, p types.Pool) (string, error) { return p.Buyer, nil }),
		Key: newUnique(sb, types.PoolsByKeyPrefix, "pools_by_key", collections.BytesKey, collections.Uint64Key,
			func(_ uint64, p types.Pool) ([]byte, error) { return p.BuyerKey, nil }),
		Price: newMulti(sb, types.PoolsByPricePrefix, "pools_by_price", statusPriceCodec, collections.Uint64Key,
			func(_ uint64, p types.Pool) (statusPrice, error) {
				return collections.Join(int32(p.Status), p.Price.Uint64()), nil
			}),
		Media: newMulti(sb, types.PoolsByMediaTypePrefix, "pools_by_media_type", statusMediaCodec, collections.Uint64Key,
			func(_ uint64, p types.Pool) (statusMedia, error) {
				return collections.Join(int32(p.Status), types.FoldMediaType(p.MediaType)), nil
			}),
	}
}

type dealIndexes struct {
	Pool   multi[uint64, uint64, types.Deal]
	Seller multi[string, uint64, types.Deal]
	Buyer  multi[string, uint64, types.Deal]
	// State has only deals that have not ended: what is to be done is found without what was.
	State openDeals
}

func (i dealIndexes) IndexesList() []collections.Index[uint64, types.Deal] {
	return []collections.Index[uint64, types.Deal]{i.Pool, i.Seller, i.Buyer, i.State}
}

func newDealIndexes(sb *collections.SchemaBuilder) dealIndexes {
	return dealIndexes{
		Pool: newMulti(sb, types.DealsByPoolPrefix, "deals_by_pool", collections.Uint64Key, collections.Uint64Key,
			func(_ uint64, d types.Deal) (uint64, error) { return d.PoolId, nil }),
		Seller: newMulti(sb, types.DealsBySellerPrefix, "deals_by_seller", collections.StringKey, collections.Uint64Key,
			func(_ uint64, d types.Deal) (string, error) { return d.Seller, nil }),
		Buyer: newMulti(sb, types.DealsByBuyerPrefix, "deals_by_buyer", collections.StringKey, collections.Uint64Key,
			func(_ uint64, d types.Deal) (string, error) { return d.Buyer, nil }),
		State: openDeals{newMulti(sb, types.DealsByStatePrefix, "deals_by_state", collections.Int32Key, collections.Uint64Key,
			func(_ uint64, d types.Deal) (int32, error) { return int32(d.State), nil })},
	}
}

// openDeals is an index that a deal leaves when it ends.
type openDeals struct {
	multi[int32, uint64, types.Deal]
}

// Reference moves the deal's entry, or removes it.
func (i openDeals) Reference(ctx context.Context, id uint64, deal types.Deal, old func() (types.Deal, error)) error {
	if !deal.State.Ended() {
		return i.multi.Reference(ctx, id, deal, old)
	}
	was, err := old()
	switch {
	case errors.Is(err, collections.ErrNotFound), err == nil && was.State.Ended():
		return nil
	case err != nil:
		return err
	}
	return i.Unreference(ctx, id, func() (types.Deal, error) { return was, nil })
}

// deadlineKey names an item that must end: what it is, and its number.
type deadlineKey = collections.Pair[uint64, uint64]

// The kinds of items with a deadline.
const (
	poolDeadline uint64 = 1
	dealDeadline uint64 = 2
)

var deadlineKeyCodec = collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)

type deadlineIndexes struct {
	Height *indexes.Multi[int64, deadlineKey, int64]
}

func (i deadlineIndexes) IndexesList() []collections.Index[deadlineKey, int64] {
	return []collections.Index[deadlineKey, int64]{i.Height}
}

func newDeadlineIndexes(sb *collections.SchemaBuilder) deadlineIndexes {
	return deadlineIndexes{
		Height: indexes.NewMulti(sb, types.DeadlinesByHeightPrefix, "deadlines_by_height", collections.Int64Key, deadlineKeyCodec,
			func(_ deadlineKey, height int64) (int64, error) { return height, nil }),
	}
}
