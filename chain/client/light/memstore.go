package light

import (
	"cmp"
	"slices"
	"sync"

	"github.com/cometbft/cometbft/light/store"
	"github.com/cometbft/cometbft/types"
)

// memStore holds verified blocks in memory, oldest first, for CometBFT's light client.
type memStore struct {
	mu     sync.Mutex
	blocks []*types.LightBlock
}

var _ store.Store = (*memStore)(nil)

// copied returns an independent store with the same blocks.
func (s *memStore) copied() *memStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &memStore{blocks: slices.Clone(s.blocks)}
}

// find returns the index of a block of that height, or where it would be.
func (s *memStore) find(height int64) (int, bool) {
	return slices.BinarySearchFunc(s.blocks, height, func(b *types.LightBlock, h int64) int { return cmp.Compare(b.Height, h) })
}

// last returns the newest block, or nil.
func (s *memStore) last() *types.LightBlock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.blocks) == 0 {
		return nil
	}
	return s.blocks[len(s.blocks)-1]
}

// SaveLightBlock adds a block unless there is one of its height.
func (s *memStore) SaveLightBlock(block *types.LightBlock) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(block.Height); !ok {
		s.blocks = slices.Insert(s.blocks, i, block)
	}
	return nil
}

// DeleteLightBlock removes the block of that height, if any.
func (s *memStore) DeleteLightBlock(height int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(height); ok {
		s.blocks = slices.Delete(s.blocks, i, i+1)
	}
	return nil
}

// LightBlock returns the block of that height, or store.ErrLightBlockNotFound.
func (s *memStore) LightBlock(height int64) (*types.LightBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(height); ok {
		return s.blocks[i], nil
	}
	return nil, store.ErrLightBlockNotFound
}

// LastLightBlockHeight returns the height of the newest block, -1 without any.
func (s *memStore) LastLightBlockHeight() (int64, error) {
	if last := s.last(); last != nil {
		return last.Height, nil
	}
	return -1, nil
}

// FirstLightBlockHeight returns the height of the oldest block, -1 without any.
func (s *memStore) FirstLightBlockHeight() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.blocks) == 0 {
		return -1, nil
	}
	return s.blocks[0].Height, nil
}

// LightBlockBefore returns the newest block below that height.
func (s *memStore) LightBlockBefore(height int64) (*types.LightBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, _ := s.find(height); i > 0 {
		return s.blocks[i-1], nil
	}
	return nil, store.ErrLightBlockNotFound
}

// Prune keeps that many of the newest blocks.
func (s *memStore) Prune(size uint16) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.blocks) - int(size); n > 0 {
		s.blocks = slices.Delete(s.blocks, 0, n)
	}
	return nil
}

// Size returns the number of blocks.
func (s *memStore) Size() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint16(len(s.blocks))
}
