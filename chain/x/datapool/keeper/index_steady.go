package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"
	"cosmossdk.io/collections/indexes"
)

// steady is an index that writes an entry only if it changes. The library's indexes remove
// and set an entry with every write of the record, but most of ours never change: a deal
// keeps its seller.
type steady[I collections.Index[K, V], R, K, V any] struct {
	by    I
	codec collcodec.KeyCodec[R]
	entry func(K, V) (R, error)
}

type (
	// multi has any number of records under an entry, unique one.
	multi[R, K, V any]  = steady[*indexes.Multi[R, K, V], R, K, V]
	unique[R, K, V any] = steady[*indexes.Unique[R, K, V], R, K, V]
)

func newMulti[R, K, V any](sb *collections.SchemaBuilder, prefix collections.Prefix, name string,
	entries collcodec.KeyCodec[R], keys collcodec.KeyCodec[K], entry func(K, V) (R, error),
) multi[R, K, V] {
	return multi[R, K, V]{by: indexes.NewMulti(sb, prefix, name, entries, keys, entry), codec: entries, entry: entry}
}

func newUnique[R, K, V any](sb *collections.SchemaBuilder, prefix collections.Prefix, name string,
	entries collcodec.KeyCodec[R], keys collcodec.KeyCodec[K], entry func(K, V) (R, error),
) unique[R, K, V] {
	return unique[R, K, V]{by: indexes.NewUnique(sb, prefix, name, entries, keys, entry), codec: entries, entry: entry}
}

// Reference moves the record's entry if its key has changed.
func (s steady[I, R, K, V]) Reference(ctx context.Context, key K, record V, old func() (V, error)) error {
	was, missing := old()
	if missing == nil {
		same, err := s.same(key, was, record)
		if err != nil || same {
			return err
		}
	}
	return s.by.Reference(ctx, key, record, func() (V, error) { return was, missing })
}

// Unreference removes the record's entry.
func (s steady[I, R, K, V]) Unreference(ctx context.Context, key K, old func() (V, error)) error {
	return s.by.Unreference(ctx, key, old)
}

func (s steady[I, R, K, V]) same(key K, was, record V) (bool, error) {
	before, err := s.encode(key, was)
	if err != nil {
		return false, err
	}
	after, err := s.encode(key, record)
	return bytes.Equal(before, after), err
}

func (s steady[I, R, K, V]) encode(key K, record V) ([]byte, error) {
	entry, err := s.entry(key, record)
	if err != nil {
		return nil, err
	}
	return encodeKey(s.codec, entry)
}
