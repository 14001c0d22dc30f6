package main

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx/integration/bench"
)

// larger is how many times the size of the small blob the large one has.
const larger = 16

// runMemory compares what a small and a large blob take at both ends.
func runMemory(ctx context.Context, b *bencher) error {
	table := bench.Table{
		Name:    "transfer-memory",
		Title:   "Memory of a pull on loopback, into " + b.where(),
		Columns: []string{"MB/s", "RSS MiB puller", "server", "× small, puller", "server"},
	}
	var first figures
	for i, size := range []uint64{uint64(b.size), larger * uint64(b.size)} {
		s, err := b.source(ctx, size)
		if err != nil {
			return err
		}
		settle(b.dir)
		f, err := movePdx(serveConfig{})(ctx, b, loopback(), s)
		if err != nil {
			return fmt.Errorf("%s: %w", sizeText(size), err)
		}
		if i == 0 {
			first = f
		}
		ratio := func(a, b usage) float64 { return float64(a.Memory) / float64(b.Memory) }
		table.Add(sizeText(size), float64(size)/mega/f.seconds, float64(f.puller.Memory)/mebi, float64(f.server.Memory)/mebi,
			ratio(f.puller, first.puller), ratio(f.server, first.server))
	}
	table.Note("RSS at its highest, of processes that hold libp2p and the blob store but no chain client.")
	return table.Report()
}
