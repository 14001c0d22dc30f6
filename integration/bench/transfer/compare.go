package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx/integration/bench"
)

// compared is what was measured of one mover.
type compared struct {
	mover
	rounds []figures
	skip   error
}

// compare moves s by every mover in turns, round after round.
func (b *bencher) compare(ctx context.Context, on *bed, s source) ([]*compared, error) {
	var all []*compared
	for _, m := range movers() {
		if b.wants(m.key) {
			all = append(all, &compared{mover: m})
		}
	}
	for range b.rounds {
		for _, c := range all {
			if c.skip != nil {
				continue
			}
			settle(b.dir)
			f, err := c.move(ctx, b, on, s)
			switch {
			case errors.Is(err, errSkip):
				c.skip = err
			case err != nil:
				return nil, fmt.Errorf("%s: %w", c.title, err)
			default:
				c.rounds = append(c.rounds, f)
				fmt.Fprintf(os.Stderr, "  %-40s %7.2f s %7.1f MB/s\n", c.title, f.seconds, float64(s.size)/mega/f.seconds)
			}
		}
	}
	return all, nil
}

// columns of a comparison; share says what its shares are of.
func columns(share string) []string {
	return []string{"MB/s", share, "slowest", "CPU s/GiB puller", "server", "RSS MiB puller", "server"}
}

// add makes rows of what was compared. The share is of the path's rate in bits a
// second, or, without one, of what the first did in the same round.
func add(table *bench.Table, all []*compared, size uint64, rate uint64) {
	for _, c := range all {
		if c.skip != nil {
			table.Note("%s: left out: %v", c.title, c.skip)
			continue
		}
		var speeds, shares []float64
		for i, f := range c.rounds {
			speed := float64(size) / f.seconds
			whole := float64(rate) / 8
			if rate == 0 {
				whole = float64(size) / all[0].rounds[i].seconds
			}
			speeds, shares = append(speeds, speed/mega), append(shares, speed/whole)
		}
		per := func(what func(figures) float64) float64 {
			var values []float64
			for _, f := range c.rounds {
				values = append(values, what(f))
			}
			return bench.Median(values)
		}
		slowest := math.Inf(1)
		for _, v := range speeds {
			slowest = min(slowest, v)
		}
		gib := float64(size) / gibi
		table.Add(c.title, bench.Median(speeds), bench.Median(shares), slowest,
			per(func(f figures) float64 { return f.puller.CPU / gib }), per(func(f figures) float64 { return f.server.CPU / gib }),
			per(func(f figures) float64 { return float64(f.puller.Memory) / mebi }),
			per(func(f figures) float64 { return float64(f.server.Memory) / mebi }))
	}
}

// where says which disk was measured.
func (b *bencher) where() string { return filepath.Dir(b.dir) }
