package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medibloc/pdx/integration/bench"
)

func runLoopback(ctx context.Context, b *bencher) error {
	s, err := b.source(ctx, uint64(b.size))
	if err != nil {
		return err
	}
	all, err := b.compare(ctx, loopback(), s)
	if err != nil {
		return err
	}
	table := bench.Table{
		Name:    "transfer-loopback",
		Title:   fmt.Sprintf("%s over loopback, into %s", sizeText(s.size), b.where()),
		Columns: columns("× " + all[0].key),
	}
	add(&table, all, s.size, 0)
	table.Note("Medians of %d interleaved rounds. pdx syncs to disk before it is done; "+
		"rsync and bitswap do not, but Kubo syncs each block.", b.rounds)
	return table.Report()
}

// gigabit is the rate of the paths with a delay, in bits a second.
const gigabit = 1_000_000_000

func runDelay(ctx context.Context, b *bencher) error {
	s, err := b.source(ctx, uint64(b.size))
	if err != nil {
		return err
	}
	for _, tcp := range strings.Split(b.tcp, ",") {
		for _, rtt := range []time.Duration{63 * time.Millisecond, 200 * time.Millisecond} {
			if err := b.delayed(ctx, s, path{rtt: rtt, rate: gigabit, mtu: b.mtu, tcp: tcp}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bencher) delayed(ctx context.Context, s source, p path) error {
	on, err := away(p)
	if err != nil {
		return err
	}
	all, err := b.compare(ctx, on, s)
	if closing := on.close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	table := bench.Table{
		Name:    fmt.Sprintf("transfer-%dms-%s", p.rtt.Milliseconds(), p.tcp),
		Title:   fmt.Sprintf("%s at 1 Gbit/s and %v, %s TCP buffers, %d byte packets, into %s", sizeText(s.size), p.rtt, p.tcp, p.mtu, b.where()),
		Columns: columns("× rate"),
	}
	add(&table, all, s.size, p.rate)
	table.Note("Medians of %d interleaved rounds, connecting included. "+
		"Bitswap goes by QUIC, what does not name it by TCP; its congestion control there: %s.", b.rounds, on.server.congestion)
	return table.Report()
}
