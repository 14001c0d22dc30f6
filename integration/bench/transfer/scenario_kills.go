package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/medibloc/pdx/integration/bench"
)

// runKills kills a puller again and again, at random moments, and starts another
// on the same folder; when a blob is whole before the last kill, it begins with
// an empty folder.
func runKills(ctx context.Context, b *bencher) error {
	s, err := b.source(ctx, uint64(b.size))
	if err != nil {
		return err
	}
	on := loopback()
	var at served
	server, err := launchRole(ctx, on.server, &at, "serve-blob", serveConfig{Address: on.server.address, Store: s.store})
	if err != nil {
		return err
	}
	defer server.kill()
	k := &killing{bencher: b, source: s, on: on, from: at.Addresses, random: rand.New(rand.NewPCG(b.seed, 1))}
	for k.kills < b.kills {
		if err := k.pull(ctx); err != nil {
			return fmt.Errorf("seed %d, after %d kills: %w", b.seed, k.kills, err)
		}
	}
	var report serverReport
	if err := server.stop(&report); err != nil {
		return err
	}
	table := bench.Table{
		Name:    "transfer-kills",
		Title:   fmt.Sprintf("%d kill -9 in %d pulls of %s, into %s", k.kills, k.pulls, sizeText(s.size), b.where()),
		Columns: []string{"% of the blob for each kill", "worst"},
	}
	percent := func(bytes uint64) float64 { return 100 * float64(bytes) / float64(s.size) }
	table.Add("verified, but fetched again", percent(k.lost)/float64(k.kills), percent(k.worst))
	again := report.Sent - min(report.Sent, uint64(k.pulls)*s.size)
	table.Add("sent again, with what was under way", percent(again)/float64(k.kills), percent(again)/float64(k.kills))
	table.Note("Every pull ended whole and was verified against its root. Kills come after 0 to %d %% of the blob; seed %d.",
		killWithin, b.seed)
	return table.Report()
}

// killWithin is the share of the blob, in percent, within which a puller dies.
const killWithin = 10

// killing counts kills and what they cost.
type killing struct {
	*bencher
	source
	on          *bed
	from        []string
	random      *rand.Rand
	kills       int
	pulls       int
	lost, worst uint64
}

// pull brings the blob once, with as many kills as come.
func (k *killing) pull(ctx context.Context) error {
	dir, done, err := k.scratch()
	if err != nil {
		return err
	}
	defer done()
	for held := uint64(0); ; {
		config := pullConfig{Address: k.on.puller.address, From: k.from, Root: k.root, Size: k.size, Store: dir}
		if k.kills < k.bencher.kills {
			config.DieAfter = 1 + k.random.Uint64N(k.size*killWithin/100)
		}
		p, err := launchRole(ctx, k.on.puller, &struct{}{}, "pull-blob", config)
		if err != nil {
			return err
		}
		var r pulled
		if err := p.out.Decode(&r); err != nil {
			p.kill()
			return fmt.Errorf("read report: %w", err)
		}
		lost := held - min(held, r.Began)
		k.lost, k.worst, held = k.lost+lost, max(k.worst, lost), r.Held
		_ = p.in.Close()
		if err := p.cmd.Wait(); err == nil {
			k.pulls++
			return verify(ctx, dir, k.source)
		} else if !r.Dies {
			return err
		}
		k.kills++
	}
}
