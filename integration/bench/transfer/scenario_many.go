package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// smallBytes is the size of each of many blobs.
const smallBytes = 1 << 10

// runMany compares many small blobs with one of the same bytes.
func runMany(ctx context.Context, b *bencher) error {
	one, err := b.source(ctx, uint64(b.many)*smallBytes)
	if err != nil {
		return err
	}
	many, roots, err := b.manySource(ctx)
	if err != nil {
		return err
	}
	var ones, manies, ratios []float64
	var last, first figures
	for range b.rounds {
		settle(b.dir)
		if first, err = movePdx(serveConfig{})(ctx, b, loopback(), one); err != nil {
			return fmt.Errorf("one blob: %w", err)
		}
		settle(b.dir)
		if last, err = b.moveMany(ctx, many, roots); err != nil {
			return fmt.Errorf("many blobs: %w", err)
		}
		fmt.Fprintf(os.Stderr, "  one blob %.2f s, %d blobs %.2f s\n", first.seconds, b.many, last.seconds)
		ones, manies, ratios = append(ones, first.seconds), append(manies, last.seconds), append(ratios, last.seconds/first.seconds)
	}
	table := bench.Table{
		Name:    "transfer-many",
		Title:   fmt.Sprintf("%d blobs of %s over loopback, and one of the same bytes, into %s", b.many, sizeText(smallBytes), b.where()),
		Columns: []string{"s", "× one blob", "most", "CPU s puller", "server", "RSS MiB puller", "server"},
	}
	add := func(name string, seconds, ratios []float64, f figures) {
		table.Add(name, bench.Median(seconds), bench.Median(ratios), slices.Max(ratios),
			f.puller.CPU, f.server.CPU, float64(f.puller.Memory)/mebi, float64(f.server.Memory)/mebi)
	}
	add("one blob", ones, []float64{1}, first)
	add("many blobs", manies, ratios, last)
	table.Note("Medians of %d interleaved rounds; processor and memory of the last. "+
		"Both are verified and synced to disk before they are done.", b.rounds)
	return table.Report()
}

// manySource returns a store with many small blobs, and a file with their roots.
func (b *bencher) manySource(ctx context.Context) (dir, roots string, err error) {
	dir, roots = filepath.Join(b.dir, "source-many"), filepath.Join(b.dir, "roots")
	store, err := fs.Open(dir)
	if err != nil {
		return "", "", err
	}
	defer store.Close()
	noise := rand.NewChaCha8([32]byte{1})
	ids, data := make([]pdx.ContentID, 0, b.many), make([]byte, smallBytes)
	for len(ids) < b.many {
		n := min(b.many-len(ids), blob.MaxBatchBytes/smallBytes)
		if ids, err = fillBatch(ctx, store, noise, ids, data, n); err != nil {
			return "", "", err
		}
	}
	return dir, roots, writeRoots(roots, ids)
}

// fillBatch adds n blobs to a store and their roots to ids.
func fillBatch(
	ctx context.Context, store blob.Store, noise *rand.ChaCha8, ids []pdx.ContentID, data []byte, n int,
) ([]pdx.ContentID, error) {
	batch, err := store.Batch(ctx)
	if err != nil {
		return nil, err
	}
	defer batch.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	for range n {
		_, _ = noise.Read(data) // never fails
		binary.LittleEndian.PutUint64(data, uint64(len(ids)))
		id := pdx.ContentID(zeebo.Sum256(data))
		if err := batch.Put(id, data); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, batch.Commit(ctx)
}

// moveMany pulls all of them once and reads them back.
func (b *bencher) moveMany(ctx context.Context, from, roots string) (figures, error) {
	dir, done, err := b.scratch()
	if err != nil {
		return figures{}, err
	}
	defer done()
	f, err := moveBetween(ctx, loopback(),
		"serve-blob", serveConfig{Store: from, Profile: b.profile},
		"pull-many", pullConfig{Roots: roots, Store: dir, Profile: b.profile})
	if err != nil {
		return f, err
	}
	return f, verifyMany(ctx, dir, roots)
}

func verifyMany(ctx context.Context, dir, roots string) error {
	ids, err := readRoots(roots)
	if err != nil {
		return err
	}
	store, err := fs.Open(dir)
	if err != nil {
		return err
	}
	defer store.Close()
	p := make([]byte, blob.MaxSmall)
	for _, id := range ids {
		if _, err := store.Small(ctx, id, p); err != nil {
			return fmt.Errorf("read back %v: %w", id, err)
		}
	}
	return nil
}
