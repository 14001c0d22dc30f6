package main

import (
	"context"
	"errors"
	"os"
	"sync/atomic"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// flatStore is a block store in one file, with its index in memory.
type flatStore struct {
	file  *os.File
	size  uint64
	order []cid.Cid
	index map[cid.Cid]int
	held  []atomic.Bool
}

var errNotKept = errors.New("only the blocks of the list are kept")

func newFlatStore(file *os.File, size uint64, order []cid.Cid) *flatStore {
	s := &flatStore{file: file, size: size, order: order, index: make(map[cid.Cid]int, len(order)), held: make([]atomic.Bool, len(order))}
	for i, c := range order {
		s.index[c] = i
	}
	return s
}

func (s *flatStore) length(i int) int {
	return int(min(blockSize, s.size-uint64(i)*blockSize))
}

func (s *flatStore) find(c cid.Cid) (int, error) {
	if i, ok := s.index[c]; ok && s.held[i].Load() {
		return i, nil
	}
	return 0, ipld.ErrNotFound{Cid: c}
}

func (s *flatStore) Has(_ context.Context, c cid.Cid) (bool, error) {
	_, err := s.find(c)
	return err == nil, nil
}

func (s *flatStore) Get(_ context.Context, c cid.Cid) (blocks.Block, error) {
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

func (s *flatStore) GetSize(_ context.Context, c cid.Cid) (int, error) {
	i, err := s.find(c)
	if err != nil {
		return -1, err
	}
	return s.length(i), nil
}

func (s *flatStore) Put(_ context.Context, b blocks.Block) error {
	i, ok := s.index[b.Cid()]
	if !ok {
		return errNotKept
	}
	if _, err := s.file.WriteAt(b.RawData(), int64(i)*blockSize); err != nil {
		return err
	}
	s.held[i].Store(true)
	return nil
}

func (s *flatStore) PutMany(ctx context.Context, many []blocks.Block) error {
	for _, b := range many {
		if err := s.Put(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *flatStore) DeleteBlock(context.Context, cid.Cid) error { return errNotKept }

func (s *flatStore) AllKeysChan(context.Context) (<-chan cid.Cid, error) {
	keys := make(chan cid.Cid, len(s.order))
	for _, c := range s.order {
		keys <- c
	}
	close(keys)
	return keys, nil
}

func (s *flatStore) Close() error { return s.file.Close() }
