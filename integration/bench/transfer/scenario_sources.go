package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx/integration/bench"
)

// runSources pulls from two sources over lines of their own.
func runSources(ctx context.Context, b *bencher) error {
	const rate = 100_000_000
	s, err := b.source(ctx, uint64(b.size)/8) // at a tenth of the rate of other scenarios
	if err != nil {
		return err
	}
	table := bench.Table{
		Name:    "transfer-sources",
		Title:   fmt.Sprintf("%s from sources with 100 Mbit/s and 20 ms each", sizeText(s.size)),
		Columns: []string{"Mbit/s", "× one line", "cut off", "sent / size"},
	}
	line := path{rtt: 20 * time.Millisecond, rate: rate, mtu: b.mtu, tcp: "stock"}
	for _, c := range []struct {
		title  string
		cheats []string
	}{
		{"one, honest", []string{""}},
		{"two, honest", []string{"", ""}},
		{"two, one lies after 1 MiB", []string{"", "lie"}},
		{"two, one stalls after 1 MiB", []string{"", "stall"}},
	} {
		var speeds, cut, sent []float64
		for range b.rounds {
			settle(b.dir)
			r, bytes, err := b.fromSources(ctx, s, line, c.cheats)
			if err != nil {
				return fmt.Errorf("%s: %w", c.title, err)
			}
			speeds = append(speeds, float64(s.size)*8/r.Seconds)
			cut, sent = append(cut, float64(len(r.Liars))), append(sent, float64(bytes)/float64(s.size))
		}
		speed := bench.Median(speeds)
		table.Add(c.title, speed/mega, speed/rate, bench.Median(cut), bench.Median(sent))
	}
	table.Note("Medians of %d rounds. The blob is verified against its root at the end of each.", b.rounds)
	return table.Report()
}

// fromSources pulls once from as many sources as there are cheats; "" is honest.
func (b *bencher) fromSources(ctx context.Context, s source, line path, cheats []string) (r pulled, sent uint64, err error) {
	dir, done, err := b.scratch()
	if err != nil {
		return r, 0, err
	}
	defer done()
	lines := make([]path, len(cheats))
	for i := range lines {
		lines[i] = line
	}
	at, sites, closeLab, err := star(lines...)
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, closeLab()) }()
	var servers []*proc
	defer func() {
		for _, p := range servers {
			p.kill()
		}
	}()
	var from []string
	for i, how := range cheats {
		store, removeCopy, err := b.linked(s)
		if err != nil {
			return r, 0, err
		}
		defer removeCopy()
		var ready served
		p, err := launchRole(ctx, sites[i], &ready, "serve-blob", serveConfig{Address: sites[i].address, Store: store, Cheat: how})
		if err != nil {
			return r, 0, err
		}
		servers, from = append(servers, p), append(from, ready.Addresses...)
	}
	puller, err := launchRole(ctx, at, &struct{}{}, "pull-blob", pullConfig{
		Address: "0.0.0.0", From: from, Root: s.root, Size: s.size, Store: dir,
		Profile: b.profile, Name: "pull-sources",
	})
	if err != nil {
		return r, 0, err
	}
	if err := puller.report(&r); err != nil {
		return r, 0, err
	}
	if err := verify(ctx, dir, s); err != nil {
		return r, 0, err
	}
	for i, p := range servers {
		if cheats[i] == "stall" {
			continue // it hangs: killed below
		}
		var report serverReport
		if err := p.stop(&report); err != nil {
			return r, 0, err
		}
		sent += report.Sent
	}
	return r, sent, nil
}
