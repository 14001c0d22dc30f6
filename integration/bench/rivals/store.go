package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/ipfs/boxo/exchange"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// blockSize is what files are cut into by default where bitswap is at home.
const blockSize = 256 << 10

// store is a block store in one file.
type store struct {
	file  *os.File
	size  uint64
	order []cid.Cid
	place map[cid.Cid]int
	held  []atomic.Bool
}

var errNotKept = errors.New("only the blocks of the list are kept")

func newStore(file *os.File, size uint64, order []cid.Cid) *store {
	s := &store{file: file, size: size, order: order, place: make(map[cid.Cid]int, len(order)), held: make([]atomic.Bool, len(order))}
	for i, c := range order {
		s.place[c] = i
	}
	return s
}

// index is the store of a file that is there.
func index(path string) (*store, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var order []cid.Cid
	size, buffer := uint64(0), make([]byte, blockSize)
	prefix := cid.NewPrefixV1(cid.Raw, 0x12)
	for {
		n, err := io.ReadFull(f, buffer)
		if n > 0 {
			c, err := prefix.Sum(buffer[:n])
			if err != nil {
				return nil, err
			}
			order, size = append(order, c), size+uint64(n)
		}
		if err != nil {
			break // the file's end
		}
	}
	s := newStore(f, size, order)
	for i := range s.held {
		s.held[i].Store(true)
	}
	return s, nil
}

// expect is the store of a file that is to come.
func expect(path, list string, size uint64) (*store, error) {
	l, err := os.Open(list)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	var order []cid.Cid
	for lines := bufio.NewScanner(l); lines.Scan(); {
		c, err := cid.Decode(lines.Text())
		if err != nil {
			return nil, err
		}
		order = append(order, c)
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return newStore(f, size, order), nil
}

func (s *store) writeList(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for _, c := range s.order {
		fmt.Fprintln(f, c)
	}
	return f.Close()
}

// pullAll wants all blocks, two windows at a time.
func (s *store) pullAll(ctx context.Context, from exchange.SessionExchange) error {
	session := from.NewSession(ctx)
	next, errs := make(chan []cid.Cid, len(s.order)/window+1), make(chan error, 2)
	for rest := s.order; len(rest) > 0; rest = rest[min(window, len(rest)):] {
		next <- rest[:min(window, len(rest))]
	}
	close(next)
	var workers sync.WaitGroup
	for range cap(errs) {
		workers.Go(func() {
			for want := range next {
				got, err := session.GetBlocks(ctx, want)
				if err != nil {
					errs <- err
					return
				}
				n := 0
				for b := range got {
					if err := s.Put(ctx, b); err != nil {
						errs <- err
						return
					}
					n++
				}
				if n != len(want) {
					errs <- fmt.Errorf("%d of %d blocks came", n, len(want))
					return
				}
			}
		})
	}
	workers.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	for i := range s.held {
		if !s.held[i].Load() {
			return fmt.Errorf("block %d is missing", i)
		}
	}
	return nil
}

func (s *store) length(i int) int {
	return int(min(blockSize, s.size-uint64(i)*blockSize))
}

func (s *store) find(c cid.Cid) (int, error) {
	if i, ok := s.place[c]; ok && s.held[i].Load() {
		return i, nil
	}
	return 0, ipld.ErrNotFound{Cid: c}
}

func (s *store) Has(_ context.Context, c cid.Cid) (bool, error) {
	_, err := s.find(c)
	return err == nil, nil
}

func (s *store) Get(_ context.Context, c cid.Cid) (blocks.Block, error) {
	i, err := s.find(c)
	if err != nil {
		return nil, err
	}
	data := make([]byte, s.length(i))
	if _, err := s.file.ReadAt(data, int64(i)*blockSize); err != nil {
		return nil, err
	}
	return blocks.NewBlockWithCid(data, c)
}

func (s *store) GetSize(_ context.Context, c cid.Cid) (int, error) {
	i, err := s.find(c)
	if err != nil {
		return -1, err
	}
	return s.length(i), nil
}

func (s *store) Put(_ context.Context, b blocks.Block) error {
	i, ok := s.place[b.Cid()]
	if !ok {
		return errNotKept
	}
	if _, err := s.file.WriteAt(b.RawData(), int64(i)*blockSize); err != nil {
		return err
	}
	s.held[i].Store(true)
	return nil
}

func (s *store) PutMany(ctx context.Context, many []blocks.Block) error {
	for _, b := range many {
		if err := s.Put(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) DeleteBlock(context.Context, cid.Cid) error { return errNotKept }

func (s *store) AllKeysChan(context.Context) (<-chan cid.Cid, error) {
	keys := make(chan cid.Cid, len(s.order))
	for _, c := range s.order {
		keys <- c
	}
	close(keys)
	return keys, nil
}

func (s *store) Close() error { return s.file.Close() }
