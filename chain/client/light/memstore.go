package light

import (
	"cmp"
	"slices"
	"sync"

	"github.com/cometbft/cometbft/light/store"
	"github.com/cometbft/cometbft/types"
)

// shelf holds verified blocks, oldest first, as CometBFT's light client wants
// them.
type memStore struct {
	mu     sync.Mutex
	blocks []*types.LightBlock
}

var _ store.Store = (*memStore)(nil)

// copied is a shelf of its own with the same blocks.
func (s *memStore) copied() *memStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &memStore{blocks: slices.Clone(s.blocks)}
}

// find is where a block of that height is or would be.
func (s *memStore) find(height int64) (int, bool) {
	return slices.BinarySearchFunc(s.blocks, height, func(b *types.LightBlock, h int64) int { return cmp.Compare(b.Height, h) })
}

// last is the newest block, nil when there is none.
func (s *memStore) last() *types.LightBlock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.blocks) == 0 {
		return nil
	}
	return s.blocks[len(s.blocks)-1]
}

// SaveLightBlock puts a block in its place; one that is there stays.
func (s *memStore) SaveLightBlock(block *types.LightBlock) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(block.Height); !ok {
		s.blocks = slices.Insert(s.blocks, i, block)
	}
	return nil
}

// DeleteLightBlock removes the block of that height if there is one.
func (s *memStore) DeleteLightBlock(height int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(height); ok {
		s.blocks = slices.Delete(s.blocks, i, i+1)
	}
	return nil
}

// LightBlock is the block of that height, or store.ErrLightBlockNotFound.
func (s *memStore) LightBlock(height int64) (*types.LightBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.find(height); ok {
		return s.blocks[i], nil
	}
	return nil, store.ErrLightBlockNotFound
}

// LastLightBlockHeight is that of the newest block, -1 when there is none.
func (s *memStore) LastLightBlockHeight() (int64, error) {
	if last := s.last(); last != nil {
		return last.Height, nil
	}
	return -1, nil
}

// FirstLightBlockHeight is that of the oldest block, -1 when there is none.
func (s *memStore) FirstLightBlockHeight() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.blocks) == 0 {
		return -1, nil
	}
	return s.blocks[0].Height, nil
}

// LightBlockBefore is the newest block below that height.
func (s *memStore) LightBlockBefore(height int64) (*types.LightBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, _ := s.find(height); i > 0 {
		return s.blocks[i-1], nil
	}
	return nil, store.ErrLightBlockNotFound
}

// Prune keeps the newest blocks of that number.
func (s *memStore) Prune(size uint16) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.blocks) - int(size); n > 0 {
		s.blocks = slices.Delete(s.blocks, 0, n)
	}
	return nil
}

// Size is the number of blocks.
func (s *memStore) Size() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint16(len(s.blocks))
}
