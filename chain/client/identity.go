package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"

	"github.com/medibloc/pdx"
)

// ErrOtherChain: the endpoint serves another chain under the name of the one that this node
// has worked with. A development chain that was deleted and started anew is one. Deals of
// the two have the same numbers and nothing else in common. It wraps pdx.ErrInvalid.
var ErrOtherChain error = &otherChainError{"another chain with the same name"}

type otherChainError struct{ text string }

// Error names the endpoint, the chain and what to do.
func (e *otherChainError) Error() string { return e.text }

// Is makes all errors of this kind one.
func (*otherChainError) Is(target error) bool {
	return target == ErrOtherChain || target == pdx.ErrInvalid
}

// identity is what is remembered of a chain, beyond its name: the hashes of its first block,
// where an endpoint still had it, and of a later one, which endpoints that prune have longer.
type identity struct {
	First  []byte `json:"first,omitempty"`
	Height int64  `json:"height"`
	Hash   []byte `json:"hash"`
}

// identify makes sure, once for each connection, that an endpoint serves the chain that this
// node has worked with. It returns ErrOtherChain if it does not. Nothing is read of a chain,
// and nothing sent to it, before that.
func (e *endpoint) identify(ctx context.Context) error {
	if e.memory == nil || e.identified.Load() {
		return nil
	}
	status, err := e.rpc.Status(ctx)
	if err != nil {
		return unreachable("chain status", err)
	}
	if err := e.checkChain(status.NodeInfo.Network); err != nil {
		return err
	}
	return e.identifyBy(ctx, status)
}

// identifyBy is identify with a status that was just read.
func (e *endpoint) identifyBy(ctx context.Context, status *coretypes.ResultStatus) error {
	at := status.SyncInfo
	if e.memory == nil || at.LatestBlockHeight == 0 {
		return nil
	}
	if at.LatestBlockHeight < e.newest.Swap(at.LatestBlockHeight) { // it may have been started anew
		e.identified.Store(false)
	}
	if e.identified.Load() {
		return nil
	}
	known, err := e.remembered(ctx)
	if err != nil {
		return err
	}
	found := identity{Height: at.LatestBlockHeight}
	if at.EarliestBlockHeight <= 1 {
		if found.First, err = e.hash(ctx, 1); err != nil {
			return err
		}
		if known.First != nil && !bytes.Equal(known.First, found.First) {
			return e.otherChain(1, known.First, found.First)
		}
	}
	if known.Height >= at.EarliestBlockHeight && known.Height <= at.LatestBlockHeight && known.Height > 0 {
		hash, err := e.hash(ctx, known.Height)
		if err != nil {
			return err
		}
		if !bytes.Equal(hash, known.Hash) {
			return e.otherChain(known.Height, known.Hash, hash)
		}
	}
	if found.First == nil {
		found.First = known.First
	}
	if found.Height > known.Height {
		if found.Hash, err = e.hash(ctx, found.Height); err != nil {
			return err
		}
		if err := e.remember(ctx, found); err != nil {
			return err
		}
	}
	e.identified.Store(true)
	return nil
}

func (e *endpoint) otherChain(height int64, was, is []byte) error {
	return &otherChainError{fmt.Sprintf("%s serves another chain named %q than this home belongs to: block %d was %.4X… and is %.4X… there."+
		" The chain was started anew, as localnets are. Nothing is read from it or sent to it, and this home keeps the deals of the"+
		" former chain: make a home for the new chain with 'pdx init --home FOLDER', or name an endpoint of the former one",
		e.address, e.chainID, height, was, is)}
}

// hash is that of the header of a block.
func (e *endpoint) hash(ctx context.Context, height int64) ([]byte, error) {
	what := fmt.Sprintf("header of block %d", height)
	res, err := e.rpc.Header(ctx, &height)
	switch {
	case err != nil:
		return nil, unreachable(what, err)
	case res.Header == nil:
		return nil, unreachable(what, errors.New("missing"))
	}
	return res.Header.Hash(), nil
}

// remembered is the identity of the chain, zero if there is none.
func (e *endpoint) remembered(ctx context.Context) (known identity, err error) {
	raw, err := e.memory.Load(ctx)
	if errors.Is(err, pdx.ErrNotFound) {
		return known, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &known)
	}
	if err != nil {
		return known, fmt.Errorf("read which chain this node has worked with: %w", err)
	}
	return known, nil
}

func (e *endpoint) remember(ctx context.Context, found identity) error {
	raw, err := json.Marshal(found)
	if err == nil {
		err = e.memory.Save(ctx, raw)
	}
	if err != nil {
		return fmt.Errorf("remember which chain this node works with: %w", err)
	}
	return nil
}
