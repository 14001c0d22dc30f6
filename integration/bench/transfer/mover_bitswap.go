package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
)

// moveBitswap runs the program of ../rivals at both ends. It gives the puller the list
// of all blocks and keeps blocks in one file at both ends, so that bitswap has
// neither round trips for a graph nor a data store to wait for.
func moveBitswap(ctx context.Context, b *bencher, on *bed, s source) (f figures, err error) {
	if b.rivals == "" {
		return figures{}, fmt.Errorf("%w: no -rivals", errSkip)
	}
	dir, done, err := b.scratch()
	if err != nil {
		return figures{}, err
	}
	defer done()
	list := filepath.Join(dir, "blocks")
	var at served
	server, err := launch(ctx, on.server, &at, b.rivals, "serve", on.server.address, s.file(), list)
	if err != nil {
		return figures{}, err
	}
	var report pulled
	puller, err := launch(ctx, on.puller, &struct{}{}, b.rivals, "pull", on.puller.address, at.Addresses[0], list,
		filepath.Join(dir, "data"), strconv.FormatUint(s.size, 10))
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
