package light

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/medibloc/pdx"
)

// Memory keeps one document through restarts.
type Memory interface {
	// Load is pdx.ErrNotFound when nothing was saved.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces the document whole; when it returns nil it is on disk.
	Save(ctx context.Context, document []byte) error
}

// saved is what a Memory keeps: the newest verified block, and from where it was
// reached.
type saved struct {
	ChainID string `json:"chain_id"`
	Height  int64  `json:"anchor_height"`
	Hash    []byte `json:"anchor_hash"`
	Block   []byte `json:"block"` // protobuf
}

func encodeSaved(chainID string, anchor Anchor, block *types.LightBlock) ([]byte, error) {
	message, err := block.ToProto()
	if err != nil {
		return nil, err
	}
	raw, err := message.Marshal()
	if err != nil {
		return nil, err
	}
	return json.Marshal(saved{ChainID: chainID, Height: anchor.Height, Hash: anchor.Hash, Block: raw})
}

// decodeSaved is the saved block; nil when it was reached from another anchor.
func decodeSaved(document []byte, chainID string, anchor Anchor) (*types.LightBlock, error) {
	var s saved
	if err := json.Unmarshal(document, &s); err != nil {
		return nil, fmt.Errorf("%w: %v", pdx.ErrCorrupt, err)
	}
	if s.ChainID != chainID || s.Height != anchor.Height || !bytes.Equal(s.Hash, anchor.Hash) {
		return nil, nil
	}
	block, err := decodeBlock(s.Block)
	if err == nil {
		err = block.ValidateBasic(chainID)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", pdx.ErrCorrupt, err)
	}
	return block, nil
}

func decodeBlock(raw []byte) (*types.LightBlock, error) {
	message := &cmtproto.LightBlock{}
	if err := message.Unmarshal(raw); err != nil {
		return nil, err
	}
	return types.LightBlockFromProto(message)
}

// recall fills the shelf from memory, once. A document that cannot be read is
// passed over: the anchor is still there.
func (h *Headers) recall(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recalled || h.memory == nil {
		return nil
	}
	document, err := h.memory.Load(ctx)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
	case err != nil:
		return fmt.Errorf("%w: %v", ErrMemory, err)
	default:
		if block, err := decodeSaved(document, h.chainID, h.anchor); err == nil && block != nil {
			h.saved = block.Time
			_ = h.blocks.SaveLightBlock(block) // never fails
		}
	}
	h.recalled = true
	return nil
}

// remember takes a block in, and saves it when the saved one has become old. What
// cannot be saved is tried again with the next one: a disk that is full does not
// make a block less true, and stops the node elsewhere.
func (h *Headers) remember(ctx context.Context, block *types.LightBlock) {
	_ = h.blocks.SaveLightBlock(block) // never fails
	_ = h.blocks.Prune(keepBlocks)     // nor does this
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.memory == nil || block.Time.Sub(h.saved) < min(saveEvery, h.anchor.Period/saveShare) {
		return
	}
	document, err := encodeSaved(h.chainID, h.anchor, block)
	if err == nil {
		err = h.memory.Save(ctx, document)
	}
	if err == nil {
		h.saved = block.Time
	}
}
