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

// A Memory stores one document over restarts.
type Memory interface {
	// Load returns pdx.ErrNotFound if nothing was saved.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces the document, which is on disk when Save returns nil.
	Save(ctx context.Context, document []byte) error
}

// saved is the document of a Memory: the newest verified block and the anchor from which it
// was reached.
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

// decodeSaved returns the saved block, or nil if it was reached from another anchor.
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

// recall loads the saved block once. It ignores a document that cannot be read, since the
// anchor remains.
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

// remember adds a block, and saves it if the saved one is old. A failure to save is retried
// with the next block: a full disk does not make a block less valid.
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
