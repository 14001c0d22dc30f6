package keeper

import (
	"bytes"
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// pageKeys walks the keys of a list from one on (all, if nil), and codes keys
// as cursors.
type pageKeys[K any] struct {
	codec collcodec.KeyCodec[K]
	walk  func(ctx context.Context, from *K, reverse bool, visit func(K) (stop bool, err error)) error
}

// plainKeys are the keys of a map.
func plainKeys[K, V any, M walker[K, V]](m M, codec collcodec.KeyCodec[K]) pageKeys[K] {
	return pageKeys[K]{codec: codec, walk: func(ctx context.Context, from *K, reverse bool, visit func(K) (bool, error)) error {
		r := new(collections.Range[K])
		switch {
		case reverse && from != nil:
			r = r.EndInclusive(*from).Descending()
		case reverse:
			r = r.Descending()
		case from != nil:
			r = r.StartInclusive(*from)
		}
		return m.Walk(ctx, r, func(key K, _ V) (bool, error) { return visit(key) })
	}}
}

// setKeys returns the numbers under one entry of a set.
func setKeys[E any](set collections.KeySet[collections.Pair[E, uint64]], entry E) pageKeys[uint64] {
	walk := func(ctx context.Context, from *uint64, reverse bool, visit func(uint64) (bool, error)) error {
		r := collections.NewPrefixedPairRange[E, uint64](entry)
		switch {
		case reverse && from != nil:
			r = r.EndInclusive(*from).Descending()
		case reverse:
			r = r.Descending()
		case from != nil:
			r = r.StartInclusive(*from)
		}
		return set.Walk(ctx, r, func(key collections.Pair[E, uint64]) (bool, error) { return visit(key.K2()) })
	}
	return pageKeys[uint64]{codec: collections.Uint64Key, walk: walk}
}

// boundKeys returns the keys of a set between two, both included.
func boundKeys[K any](set collections.KeySet[K], least, most K) pageKeys[K] {
	codec := set.KeyCodec()
	return pageKeys[K]{codec: codec, walk: func(ctx context.Context, from *K, reverse bool, visit func(K) (bool, error)) error {
		low, high := least, most
		if from != nil {
			if !within(codec, least, *from, most) {
				return errPageKey
			}
			if reverse {
				high = *from
			} else {
				low = *from
			}
		}
		r := new(collections.Range[K]).StartInclusive(low).EndInclusive(high)
		if reverse {
			r = r.Descending()
		}
		return set.Walk(ctx, r, visit)
	}}
}

// within reports whether keys stand in this order in the store.
func within[K any](codec collcodec.KeyCodec[K], keys ...K) bool {
	var before []byte
	for _, key := range keys {
		raw, err := encodeKey(codec, key)
		if err != nil || bytes.Compare(before, raw) > 0 {
			return false
		}
		before = raw
	}
	return true
}

// errPageKey is the answer to a cursor that is none of this list's.
var errPageKey = status.Error(codes.InvalidArgument, "the page key is not one that a page of this list named")

// readPage reads a page of records that match, with their texts if join is not nil. It looks
// at MaxPageScan of them at the most, and at none once it has read MaxPageBytes, so a page may
// be short, even empty, and yet name a next one: a list has ended only when next_key is empty.
// Pages are walked by key; an offset and a total would cost a walk over the whole list.
func readPage[K, V any, P sized[V]](
	ctx context.Context, req *query.PageRequest, keys pageKeys[K],
	get func(context.Context, K) (V, error), match func(V) bool, join func(context.Context, *V) error,
) ([]V, *query.PageResponse, error) {
	from, limit, err := pageStart(req, keys.codec)
	if err != nil {
		return nil, nil, err
	}
	var (
		page    []V
		next    []byte
		scanned int
		read    int // bytes
	)
	err = keys.walk(ctx, from, req.GetReverse(), func(key K) (stop bool, err error) {
		if len(page) == limit || scanned == types.MaxPageScan || read >= types.MaxPageBytes {
			next, err = encodeKey(keys.codec, key)
			return true, err
		}
		scanned++
		record, err := get(ctx, key)
		if err != nil {
			return false, err
		}
		if match(record) {
			if join != nil {
				err = join(ctx, &record)
			}
			page = append(page, record)
		}
		read += P(&record).Size()
		return false, err
	})
	return page, &query.PageResponse{NextKey: next}, err
}

// sized is a record that knows how long it is.
type sized[V any] interface {
	*V
	Size() int
}

// pageStart reads where a page begins and how many records it takes.
func pageStart[K any](req *query.PageRequest, codec collcodec.KeyCodec[K]) (from *K, limit int, err error) {
	if req.GetOffset() != 0 || req.GetCountTotal() {
		return nil, 0, status.Error(codes.InvalidArgument, "pages are taken by key: offset and count_total are not supported")
	}
	limit = types.DefaultPageLimit
	if n := req.GetLimit(); n != 0 {
		limit = int(min(n, types.MaxPageLimit))
	}
	if len(req.GetKey()) == 0 {
		return nil, limit, nil
	}
	read, key, err := codec.Decode(req.Key)
	if err != nil || read != len(req.Key) {
		return nil, 0, errPageKey
	}
	return &key, limit, nil
}

func encodeKey[K any](codec collcodec.KeyCodec[K], key K) ([]byte, error) {
	cursor := make([]byte, codec.Size(key))
	_, err := codec.Encode(cursor, key)
	return cursor, err
}
