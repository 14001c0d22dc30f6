package main

import (
	"context"
	"errors"

	"github.com/ipfs/boxo/blockstore"
	flatfs "github.com/ipfs/go-ds-flatfs"
)

// synced is whether each block is synced to disk when it is written. It is in
// Kubo: the default of its config/init.go is "sync": true for flatfs (looked up
// at v0.40; no changelog up to v0.43 names a change).
const synced = true

// blocksOnDisk is a block store in files, one a block.
type blocksOnDisk struct {
	blockstore.Blockstore
	files *flatfs.Datastore
}

// openBlocks opens a block store as Kubo has it by default (config/init.go,
// config/datastore.go and core/node/storage.go): flatfs with a folder for each two
// next to last characters, written through, with a cache of 64 Ki sizes and no
// Bloom filter.
func openBlocks(ctx context.Context, dir string) (*blocksOnDisk, error) {
	files, err := flatfs.CreateOrOpen(dir, flatfs.IPFS_DEF_SHARD, synced)
	if err != nil {
		return nil, err
	}
	sizes := blockstore.DefaultCacheOpts()
	sizes.HasBloomFilterSize = 0
	uncached := blockstore.NewBlockstore(files, blockstore.WriteThrough(true), blockstore.NoPrefix())
	store, err := blockstore.CachedBlockstore(ctx, uncached, sizes)
	if err != nil {
		return nil, errors.Join(err, files.Close())
	}
	return &blocksOnDisk{Blockstore: blockstore.NewIdStore(store), files: files}, nil
}

func (b *blocksOnDisk) Close() error { return b.files.Close() }
