package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/store"
)

const (
	// proofEvery is the interval between verifications, so that a fault shows before a
	// sale needs them.
	proofEvery = time.Minute
	// proofRetry is the pause after a failure.
	proofRetry = 10 * time.Second
	// provenWait bounds the wait for the block that proves what was just changed, and
	// provenRetry is the pause between two looks.
	provenWait  = 15 * time.Second
	provenRetry = 500 * time.Millisecond
	// readyWait is how long an order to sell may wait for a verification: a call of the
	// local API is answered within 5 s.
	readyWait = 4 * time.Second
)

// proofMemory keeps a row of what is known of the chain in the node's database.
type proofMemory struct {
	table *store.Table[proofDocument]
	key   string
}

type proofDocument struct{ Raw []byte }

// Keys of the rows: the newest verified block, and what is known of the chain that this
// node works with.
const (
	newestProof   = "newest"
	chainIdentity = "chain"
)

func (m proofMemory) Load(ctx context.Context) ([]byte, error) {
	document, err := m.table.Get(ctx, m.key)
	return document.Raw, notDamaged(err) // verification starts at the anchor again
}

func (m proofMemory) Save(ctx context.Context, raw []byte) error {
	return m.table.Put(ctx, m.key, proofDocument{raw})
}

// A prover reads what the roles act on: the seller before it opens or delivers a key, the
// validator before it checks a deal, the buyer before it acknowledges, disputes or withdraws.
type prover struct {
	chain    *client.Client
	believes bool // chain.trust.none
}

// Deal returns a proven deal. If the owner allows unproven ones, it is the deal that all
// endpoints agree about.
func (p prover) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	if !p.believes {
		return p.chain.Verified().Deal(ctx, id)
	}
	deal, err := p.chain.Agreed(ctx, id)
	if err != nil {
		return deal, pdx.Head{}, err
	}
	head, err := p.chain.Head(ctx)
	return deal, head, err
}

// Pool returns a proven pool.
func (p prover) Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error) {
	if p.believes {
		return p.chain.Pool(ctx, id)
	}
	pool, _, err := p.chain.Verified().Pool(ctx, id)
	return pool, err
}

// Validator returns a proven validator. What the last block changed about it is proven by the
// block after that, for which it waits.
func (p prover) Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error) {
	shown, err := p.chain.Validator(ctx, address)
	if p.believes || err != nil {
		return shown, err
	}
	for until := time.Now().Add(provenWait); ; {
		v, _, err := p.chain.Verified().Validator(ctx, address)
		settled := err == nil && v.RecipientKey == shown.RecipientKey || err != nil && !errors.Is(err, pdx.ErrNotFound)
		if settled || time.Now().After(until) || lifecycle.Sleep(ctx, provenRetry) != nil {
			return v, err
		}
	}
}

// prover returns the reader of what this node acts on.
func (n *Node) prover() prover { return prover{n.chain, n.cfg.Chain.Trust.None} }

// witnesses returns each of several endpoints of the chain by itself, as what a role calls them.
func witnesses[W any](chain *client.Client) []W {
	var all []W
	for _, w := range chain.Witnesses() {
		all = append(all, any(w).(W))
	}
	return all
}

// Withdrawable returns what an account may withdraw, proven unless the owner allows otherwise.
func (p prover) Withdrawable(ctx context.Context, account pdx.Address) (pdx.Amount, error) {
	if p.believes {
		return p.chain.Withdrawable(ctx, account)
	}
	amount, _, err := p.chain.Verified().Withdrawable(ctx, account)
	return amount, err
}

// Ready returns nil if deals can be proven: the chain was verified recently or can be
// verified now.
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

// proveLoop verifies the chain at intervals until ctx ends.
func (n *Node) proveLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.chain.Verified().Check(ctx)
		if errors.Is(err, client.ErrNoTrust) {
			return
		}
		wait := proofEvery
		if err != nil && ctx.Err() == nil {
			n.log.Warn("the chain cannot be verified; retrying", "error", err)
			wait = proofRetry
		}
		_ = lifecycle.Sleep(ctx, wait)
	}
}
