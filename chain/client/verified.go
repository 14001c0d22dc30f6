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
var ErrNoTrust = fmt.Errorf("%w: what this node reads from the chain is not verified: set chain.trust.height and chain.trust.hash to a block that you trust", pdx.ErrRefused)

// Verified reads the chain and believes no endpoint: headers are verified from
// the anchor, values by their proofs against them. An endpoint whose words, with
// or without a proof, turn out to be false is named in the error and left for
// the next; an answer comes only from one that was caught in nothing.
type Verified struct {
	ends    *endpoints
	headers *light.Headers // nil without an anchor

	mu    sync.Mutex
	state VerifiedState
}

// VerifiedState is how the last verification went.
type VerifiedState struct {
	Head pdx.Head  // that was verified last
	At   time.Time // when, zero before
	// Agreed is how many further endpoints showed the same block.
	Agreed int
	// Err is why the last try failed, nil when it did not.
	Err error
	// Lies is how many were found since the start.
	Lies uint64
}

// State is how the last verification went.
func (v *Verified) State() VerifiedState {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.headers == nil {
		return VerifiedState{Err: ErrNoTrust}
	}
	return v.state
}

// Head is the newest block that is verified.
func (v *Verified) Head(ctx context.Context) (pdx.Head, error) {
	return v.prove(ctx, func(*endpoint, *cmttypes.LightBlock) error { return nil })
}

// Check verifies the newest block of every endpoint and a value beside, so that
// one that lies, lags or is dead is known before it is needed.
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

// prove asks one endpoint after the other for a verified header and for what
// read makes of it.
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

// header is a verified block of one endpoint that no other one contradicts.
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

// found notes what is to be thought of an endpoint.
func (v *Verified) found(e *endpoint, err error) {
	var lie *light.Lie
	switch {
	case errors.As(err, &lie):
		v.note(func(s *VerifiedState) { s.Lies++ })
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

// source is the endpoint as one that is not believed.
func (e *endpoint) source() light.Source { return light.Source{Name: e.address, RPC: e.rpc} }
