package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/exchange"
	"github.com/ipfs/go-cid"
)

// known is bitswap at its best: the puller is told the CIDs of all blocks.
var known = way{add: addKnown, serve: serveKnown, pull: pullKnown}

// addKnown only names the blocks of a file: they are served out of it.
func addKnown(_ context.Context, file string, _ folder) ([]cid.Cid, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var order []cid.Cid
	buffer, prefix := make([]byte, blockSize), cid.NewPrefixV1(cid.Raw, sha256)
	for {
		n, err := io.ReadFull(f, buffer)
		if n > 0 {
			c, err := prefix.Sum(buffer[:n])
			if err != nil {
				return nil, err
			}
			order = append(order, c)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return order, nil
		default:
			return nil, err
		}
	}
}

func serveKnown(_ context.Context, told []cid.Cid, file string, _ folder) (keeper, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	s := newFlatStore(f, uint64(info.Size()), told)
	for i := range s.held {
		s.held[i].Store(true)
	}
	return s, nil
}

func pullKnown(_ context.Context, told []cid.Cid, at folder, size uint64) (puller, error) {
	f, err := os.Create(at.data())
	if err != nil {
		return nil, err
	}
	return newFlatStore(f, size, told), nil
}

// window is how many blocks are wanted at a time, twice over: 128 MiB under way,
// and no more than the 1,024 wants that a server queues for one peer.
const window = 256

// fetch wants all blocks, two windows at a time.
func (s *flatStore) fetch(ctx context.Context, from *bitswap.Bitswap) error {
	session := from.NewSession(ctx)
	next, errs := make(chan []cid.Cid, len(s.order)/window+1), make(chan error, 2)
	for rest := s.order; len(rest) > 0; rest = rest[min(window, len(rest)):] {
		next <- rest[:min(window, len(rest))]
	}
	close(next)
	var workers sync.WaitGroup
	for range cap(errs) {
		workers.Go(func() { errs <- s.fetchSome(ctx, session, next) })
	}
	workers.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return s.whole()
}

func (s *flatStore) fetchSome(ctx context.Context, from exchange.Fetcher, next <-chan []cid.Cid) error {
	for want := range next {
		got, err := from.GetBlocks(ctx, want)
		if err != nil {
			return err
		}
		n := 0
		for b := range got {
			if err := s.Put(ctx, b); err != nil {
				return err
			}
			n++
		}
		if n != len(want) {
			return fmt.Errorf("%d of %d blocks came", n, len(want))
		}
	}
	return nil
}

func (s *flatStore) whole() error {
	for i := range s.held {
		if !s.held[i].Load() {
			return fmt.Errorf("block %d is missing", i)
		}
	}
	return nil
}
