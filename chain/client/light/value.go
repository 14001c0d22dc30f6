package light

import (
	"bytes"
	"context"
	"fmt"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	"github.com/cometbft/cometbft/types"

	"github.com/medibloc/pdx"
)

// firstProvable is the lowest height whose state the SDK proves.
const firstProvable = 2

// StateHeight returns the height whose state a verified header proves, which is the
// height before the header's.
func StateHeight(head *types.LightBlock) int64 { return head.Height - 1 }

// Value reads the value under key in the store of a module, in the state that head
// proves, and verifies it. It returns nil if the proof shows that there is none, and a
// *Lie if the proof is not valid.
func (h *Headers) Value(ctx context.Context, s Source, head *types.LightBlock, store string, key []byte) ([]byte, error) {
	value, _, err := h.Proof(ctx, s, head, store, key)
	return value, err
}

// Proof is Value with the proof that VerifyValue takes.
func (h *Headers) Proof(
	ctx context.Context, s Source, head *types.LightBlock, store string, key []byte,
) (value []byte, proof []cmtcrypto.ProofOp, err error) {
	at := StateHeight(head)
	what := fmt.Sprintf("value of store %s at height %d", store, at)
	if at < firstProvable {
		return nil, nil, fmt.Errorf("%s: %w: the chain is too young for a proof; wait for block %d", what, pdx.ErrUnavailable, firstProvable+1)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	res, err := s.RPC.ABCIQueryWithOptions(ctx, "/store/"+store+"/key", cmtbytes.HexBytes(key),
		rpcclient.ABCIQueryOptions{Height: at, Prove: true})
	if err != nil {
		return nil, nil, unavailable(s, what, err)
	}
	r := res.Response
	switch {
	case r.Code != 0:
		return nil, nil, fmt.Errorf("%s: %s: %w: it says: %.200s (%s/%d)", s.Name, what, pdx.ErrUnavailable, r.Log, r.Codespace, r.Code)
	case r.Height != at:
		return nil, nil, lie(s, "%s: it answered for height %d", what, r.Height)
	case !bytes.Equal(r.Key, key):
		return nil, nil, lie(s, "%s: it answered for another key", what)
	case len(r.Value) > maxValue:
		return nil, nil, lie(s, "%s: %d bytes; at most %d can be", what, len(r.Value), maxValue)
	case r.ProofOps == nil:
		return nil, nil, lie(s, "%s: it brings no proof", what)
	}
	if err := VerifyValue(head.AppHash, store, key, r.Value, r.ProofOps.Ops); err != nil {
		return nil, nil, lie(s, "%s: %v", what, err)
	}
	if len(r.Value) == 0 {
		return nil, r.ProofOps.Ops, nil
	}
	return r.Value, r.ProofOps.Ops, nil
}
