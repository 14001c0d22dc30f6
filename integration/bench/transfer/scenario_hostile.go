package main

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx/integration/bench"
)

// runHostile compares a pull alone with one beside many hostile peers.
func runHostile(ctx context.Context, b *bencher) error {
	s, err := b.source(ctx, uint64(b.size))
	if err != nil {
		return err
	}
	table := bench.Table{
		Name:    "transfer-hostile",
		Title:   fmt.Sprintf("%s over loopback beside hostile peers, into %s", sizeText(s.size), b.where()),
		Columns: []string{"MB/s", "× alone", "goroutines of the server at most", "RSS MiB of the server"},
	}
	titles := []string{"alone", fmt.Sprintf("beside %d hostile peers", b.hostile)}
	speeds, ratios, routines, memory := make([][]float64, 2), make([][]float64, 2), make([][]float64, 2), make([][]float64, 2)
	for range b.rounds {
		var alone float64
		for i, hostile := range []int{0, b.hostile} {
			settle(b.dir)
			r, report, err := b.beside(ctx, s, hostile)
			if err != nil {
				return fmt.Errorf("%s: %w", titles[i], err)
			}
			speed := float64(s.size) / mega / r.Seconds
			if i == 0 {
				alone = speed
			}
			speeds[i], ratios[i] = append(speeds[i], speed), append(ratios[i], speed/alone)
			routines[i], memory[i] = append(routines[i], float64(report.Goroutines)), append(memory[i], float64(report.Memory)/mebi)
		}
	}
	for i, title := range titles {
		table.Add(title, bench.Median(speeds[i]), bench.Median(ratios[i]), bench.Median(routines[i]), bench.Median(memory[i]))
	}
	table.Note("Medians of %d interleaved rounds. The hostile peers, each with an address and an identity of its own, "+
		"run on the same cores, at the lowest priority.", b.rounds)
	return table.Report()
}

// beside pulls once while hostile peers are at the server.
func (b *bencher) beside(ctx context.Context, s source, hostile int) (r pulled, report serverReport, err error) {
	dir, done, err := b.scratch()
	if err != nil {
		return r, report, err
	}
	defer done()
	on := loopback()
	var at served
	server, err := launchRole(ctx, on.server, &at, "serve-blob", serveConfig{Address: on.server.address, Store: s.store})
	if err != nil {
		return r, report, err
	}
	defer server.kill()
	if hostile > 0 {
		mob, err := launchBelow(ctx, on.puller, &struct{}{}, "hostile", hostileConfig{From: at.Addresses, Root: s.root, Peers: hostile})
		if err != nil {
			return r, report, err
		}
		defer mob.kill()
	}
	puller, err := launchRole(ctx, on.puller, &struct{}{}, "pull-blob", pullConfig{
		Address: on.puller.address, From: at.Addresses, Root: s.root, Size: s.size, Store: dir,
	})
	if err != nil {
		return r, report, err
	}
	if err := puller.report(&r); err != nil {
		return r, report, err
	}
	return r, report, server.stop(&report)
}
