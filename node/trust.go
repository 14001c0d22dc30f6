package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/store"
)

const (
	// proofEvery is how often verification is tried, so that what is wrong shows
	// before a sale needs it.
	proofEvery = time.Minute
	// proofRetry is the pause after it failed.
	proofRetry = 10 * time.Second
	// readyWait is how long an order to sell may wait for a verification: a call
	// of the local API is answered in 5 s.
	readyWait = 4 * time.Second
)

// proofMemory keeps the newest verified block in the node's database.
type proofMemory struct{ table *store.Table[proofDocument] }

type proofDocument struct{ Raw []byte }

// newestProof is the key of its only row.
const newestProof = "newest"

func (m proofMemory) Load(ctx context.Context) ([]byte, error) {
	document, err := m.table.Get(ctx, newestProof)
	return document.Raw, notDamaged(err) // verification begins at the anchor again
}

func (m proofMemory) Save(ctx context.Context, raw []byte) error {
	return m.table.Put(ctx, newestProof, proofDocument{raw})
}

// prover is how the seller reads what a key is delivered for.
type prover struct {
	chain    *client.Client
	believes bool // chain.trust.none
}

// Deal is proven, or believed where the owner said so.
func (p prover) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	if !p.believes {
		return p.chain.Verified().Deal(ctx, id)
	}
	deal, err := p.chain.Deal(ctx, id)
	if err != nil {
		return deal, pdx.Head{}, err
	}
	head, err := p.chain.Head(ctx)
	return deal, head, err
}

// Ready is nil while deals can be proven: the chain was verified lately, or can
// be now.
func (p prover) Ready(ctx context.Context) error {
	if p.believes {
		return nil
	}
	state := p.chain.Verified().State()
	switch {
	case errors.Is(state.Err, client.ErrNoTrust):
		return fmt.Errorf("%w; %s", state.Err, config.TrustAdvice)
	case state.Err == nil && time.Since(state.At) < 2*proofEvery:
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	_, err := p.chain.Verified().Head(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: the chain's endpoints do not answer in %v: %w", pdx.ErrUnavailable, readyWait, err)
	}
	return err
}

// proveLoop verifies the chain from time to time, until ctx ends.
func (n *Node) proveLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.chain.Verified().Check(ctx)
		if errors.Is(err, client.ErrNoTrust) {
			return
		}
		wait := proofEvery
		if err != nil && ctx.Err() == nil {
			n.log.Warn("the chain cannot be verified; trying on", "error", err)
			wait = proofRetry
		}
		pause(ctx, wait)
	}
}
