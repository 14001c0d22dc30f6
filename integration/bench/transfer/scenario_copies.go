package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// smallestCopy is the smallest plaintext of the scenario, in bytes; each further
// one is four times as large.
const smallestCopy = 1 << 20

// runCopies measures what a seller spares that keeps no ciphertext: the figures
// behind the default of seller.one_copy_from.
func runCopies(ctx context.Context, b *bencher) error {
	table := bench.Table{
		Name:    "transfer-copies",
		Title:   "Sealing a file, into " + b.where(),
		Columns: []string{"with a copy, s", "tree alone, s", "the copy's part, s", "× tree alone"},
	}
	for size := uint64(smallestCopy); size <= uint64(b.size); size *= 4 {
		copied, alone, err := b.sealBothWays(ctx, size)
		if err != nil {
			return fmt.Errorf("%s: %w", sizeText(size), err)
		}
		table.Add(sizeText(size), copied, alone, copied-alone, copied/alone)
	}
	table.Note("Medians of %d interleaved rounds, synced to disk. The plaintext is in the system's cache.", b.rounds)
	return table.Report()
}

// sealBothWays returns how many seconds sealing takes with a copy, and without.
func (b *bencher) sealBothWays(ctx context.Context, size uint64) (copied, alone float64, err error) {
	plain := filepath.Join(b.dir, "plaintext")
	if err := writeNoise(plain, seal.PlaintextSize(size)); err != nil {
		return 0, 0, err
	}
	defer os.Remove(plain)
	var with, without []float64
	for range b.rounds {
		took, err := b.timeSealing(ctx, plain, (*fs.Store).Create)
		if err != nil {
			return 0, 0, err
		}
		with = append(with, took)
		if took, err = b.timeSealing(ctx, plain, (*fs.Store).CreateTree); err != nil {
			return 0, 0, err
		}
		without = append(without, took)
	}
	return bench.Median(with), bench.Median(without), nil
}

// timeSealing seals a file into a new store.
func (b *bencher) timeSealing(
	ctx context.Context, plain string, create func(*fs.Store, context.Context) (blob.Writer, error),
) (seconds float64, err error) {
	dir, done, err := b.scratch()
	if err != nil {
		return 0, err
	}
	defer done()
	store, err := fs.Open(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	settle(b.dir)
	start := time.Now()
	_, err = sealInto(ctx, func(ctx context.Context) (blob.Writer, error) { return create(store, ctx) }, plain)
	return time.Since(start).Seconds(), err
}
