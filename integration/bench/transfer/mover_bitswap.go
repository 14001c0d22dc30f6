package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// moveBitswap runs the program of ../rivals at both ends, in one of its ways. The
// server has added the file before, so that it is neither timed nor counted.
func moveBitswap(way string) func(context.Context, *bencher, *bed, source) (figures, error) {
	return func(ctx context.Context, b *bencher, on *bed, s source) (f figures, err error) {
		if b.rivals == "" {
			return figures{}, fmt.Errorf("%w: no -rivals", errSkip)
		}
		dir, done, err := b.scratch()
		if err != nil {
			return figures{}, err
		}
		defer done()
		if err := b.addToRival(ctx, way, s, dir); err != nil {
			return figures{}, err
		}
		var at served
		server, err := launch(ctx, on.server, &at, b.rivals, "serve", way, bitswapAt(on, on.server), s.file(), dir)
		if err != nil {
			return figures{}, err
		}
		var report pulled
		puller, err := launch(ctx, on.puller, &struct{}{}, b.rivals, "pull", way, bitswapAt(on, on.puller), at.Addresses[0], dir,
			strconv.FormatUint(s.size, 10))
		if err == nil {
			err = puller.report(&report)
		}
		if err != nil {
			server.kill()
			return figures{}, err
		}
		f.seconds, f.puller = report.Seconds, report.usage
		return f, server.stop(&f.server)
	}
}

// bitswapAt returns where a rival listens, by the transport that is the quicker for
// bitswap there: QUIC over a path with a delay, for bitswap opens a stream for each
// message, and a new stream of yamux may have only 256 KiB under way; TCP without
// one, for it takes less of the processor. (Kubo dials QUIC first.)
func bitswapAt(on *bed, at site) string {
	if on.delayed {
		return "/ip4/" + at.address + "/udp/0/quic-v1"
	}
	return "/ip4/" + at.address + "/tcp/0"
}

func (b *bencher) addToRival(ctx context.Context, way string, s source, dir string) error {
	cmd := exec.CommandContext(ctx, b.rivals, "add", way, s.file(), dir)
	cmd.Stderr = os.Stderr
	endWithParent(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("add the file: %w", err)
	}
	settle(b.dir)
	return nil
}
