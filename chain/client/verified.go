package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ErrNoTrust: there is no anchor, so nothing can be verified.
var ErrNoTrust = fmt.Errorf("%w: what this node reads from the chain is not verified: "+
	"set chain.trust.height and chain.trust.hash to a block that you trust", pdx.ErrRefused)

// Verified reads the chain without trusting any endpoint: headers are verified from the
// anchor, and values by their proofs against headers. An endpoint with a false answer, with or
// without a proof, is named in the error and avoided.
type Verified struct {
	ends    *endpoints
	headers *light.Headers // nil without an anchor

	mu    sync.Mutex
	state VerifiedState
}

// VerifiedState describes the last verification.
type VerifiedState struct {
	Head pdx.Head  // that was verified last
	At   time.Time // when, zero before
	// Agreed is how many further endpoints showed the same block.
	Agreed int
	// Err is why the last try failed; nil if it succeeded.
	Err error
	// Lies is the number of false answers since the start.
	Lies uint64
}

// State returns the state of the last verification.
func (v *Verified) State() VerifiedState {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.headers == nil {
		return VerifiedState{Err: ErrNoTrust}
	}
	return v.state
}

// Head returns the newest verified block.
func (v *Verified) Head(ctx context.Context) (pdx.Head, error) {
	return v.prove(ctx, func(*endpoint, *cmttypes.LightBlock) error { return nil })
}

// Check verifies the newest block and a value of every endpoint, so that a lying, lagging or
// dead endpoint is known before it is needed.
func (v *Verified) Check(ctx context.Context) error {
	if v.headers == nil {
		return ErrNoTrust
	}
	var failed failures
	for _, e := range v.ends.list {
		_, err := v.proveBy(ctx, e, func(e *endpoint, at *cmttypes.LightBlock) error {
			return v.params(ctx, e, at, &types.Params{})
		})
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) < len(v.ends.list) {
		return nil
	}
	err := failed.error()
	v.note(func(s *VerifiedState) { s.Err = err })
	return err
}

// prove asks one endpoint after the other for a verified header and for what read reads
// under it.
func (v *Verified) prove(ctx context.Context, read func(*endpoint, *cmttypes.LightBlock) error) (pdx.Head, error) {
	if v.headers == nil {
		return pdx.Head{}, ErrNoTrust
	}
	var failed failures
	for _, e := range v.ends.order() {
		head, err := v.proveBy(ctx, e, read)
		if err == nil || errors.Is(err, pdx.ErrNotFound) { // that is proven, too
			return head, err
		}
		if failed = append(failed, err); ctx.Err() != nil || errors.Is(err, light.ErrFork) {
			break
		}
	}
	err := failed.error()
	v.note(func(s *VerifiedState) { s.Err = err })
	return pdx.Head{}, err
}

// proveBy asks one endpoint.
func (v *Verified) proveBy(ctx context.Context, e *endpoint, read func(*endpoint, *cmttypes.LightBlock) error) (pdx.Head, error) {
	block, agreed, err := v.header(ctx, e)
	if err == nil {
		err = read(e, block)
	}
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		if ctx.Err() == nil {
			v.found(e, err)
		}
		return pdx.Head{}, err
	}
	e.health.answered()
	head := pdx.Head{ChainID: block.ChainID, Height: block.Height, Time: block.Time.UTC()}
	v.note(func(s *VerifiedState) { s.Head, s.At, s.Agreed, s.Err = head, time.Now(), agreed, nil })
	return head, err
}

// header returns a verified block of one endpoint that no other endpoint contradicts.
func (v *Verified) header(ctx context.Context, e *endpoint) (block *cmttypes.LightBlock, agreed int, err error) {
	if block, err = v.headers.Latest(ctx, e.source()); err != nil {
		return nil, 0, err
	}
	for _, other := range v.ends.living() {
		if other == e {
			continue
		}
		switch err := v.headers.Agree(ctx, other.source(), block); {
		case err == nil:
			agreed++
		case errors.Is(err, light.ErrFork):
			return nil, 0, fmt.Errorf("%s against %s: %w", e.address, other.address, err)
		case errors.Is(err, pdx.ErrCorrupt):
			v.found(other, err)
		}
	}
	return block, agreed, nil
}

// found records the judgement of an endpoint.
func (v *Verified) found(e *endpoint, err error) {
	var lie *light.Lie
	switch {
	case errors.As(err, &lie):
		v.note(func(s *VerifiedState) { s.Lies++ })
	case errors.Is(err, light.ErrClock), errors.Is(err, light.ErrAnchorPruned): // it answers as it should
		return
	case !errors.Is(err, pdx.ErrUnavailable): // an anchor that expired, a disk that is full: not the endpoint's fault
		return
	}
	v.ends.leave(e, err)
}

func (v *Verified) note(change func(*VerifiedState)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(&v.state)
}

// source returns the endpoint as a Source.
func (e *endpoint) source() light.Source { return light.Source{Name: e.address, RPC: e.rpc} }
