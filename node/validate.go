package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/node/validator"
)

// An asker requests validations for the seller.
type asker struct {
	client *validation.Client
	peers  *peers.Directory
}

// Ask asks one validator for its verdict and waits for it.
func (a asker) Ask(ctx context.Context, account pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	if len(r.Proof) != len(validation.Request{}.Proof) {
		return pdx.Verdict{}, fmt.Errorf("proof of %d bytes: %w", len(r.Proof), pdx.ErrInvalid)
	}
	// A validator is found through the chain; discovery alone would need the pool.
	id, err := a.peers.Find(ctx, 0, pdx.RoleValidator, account)
	if err != nil {
		return pdx.Verdict{}, askError(ctx, fmt.Errorf("%w: %w", validation.ErrUnreachable, err))
	}
	v, err := a.client.Ask(ctx, id, validation.Request{Deal: r.Deal, Opening: r.Opening, Proof: [64]byte(r.Proof)}, progress)
	if err != nil {
		return pdx.Verdict{}, askError(ctx, err)
	}
	return v, nil
}

// askError converts an error of the validation protocol into the seller's.
func askError(ctx context.Context, err error) error {
	var busy *validation.BusyError
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &busy):
		return &seller.BusyError{After: busy.After, Slots: busy.Slots, Why: busy.Why}
	case errors.Is(err, validation.ErrUnreachable):
		return fmt.Errorf("%w: %w", seller.ErrUnreachable, err)
	}
	return err
}

// answerer hands requests of sellers to the validator.
type answerer struct{ validator *validator.Service }

// Admit lets the seller of a deal ask one of its validators.
func (a answerer) Admit(ctx context.Context, asker validation.Asker, id pdx.DealID) error {
	return a.validator.Admit(ctx, asker.Account, id)
}

// load is how busy the validator is, for the metrics.
func (a answerer) load() validation.Load {
	q := a.validator.Queue()
	return validation.Load{Running: q.Running, Waiting: q.Waiting, Certifying: q.Certifying}
}

// Validate checks a deal and certifies the verdict.
func (a answerer) Validate(
	ctx context.Context, asker validation.Asker, r validation.Request, progress func(pdx.Progress),
) (pdx.Verdict, error) {
	v, err := a.validator.Validate(ctx, validator.Request{
		Deal: r.Deal, Asker: asker.Account, Peer: asker.Peer.String(), Opening: r.Opening, Proof: r.Proof[:],
	}, progress)
	if errors.Is(err, validator.ErrBusy) {
		err = fmt.Errorf("%w: %w", validation.ErrBusy, err)
	}
	return v, err
}
