package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/node/validator"
)

// asker reaches validators for the seller.
type asker struct {
	client *validation.Client
	people *people
}

// Ask asks one validator for its verdict and waits for it.
func (a asker) Ask(ctx context.Context, account pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	if len(r.Proof) != len(validation.Request{}.Proof) {
		return pdx.Verdict{}, fmt.Errorf("proof of %d bytes: %w", len(r.Proof), pdx.ErrInvalid)
	}
	// A validator is found through the chain: the pool matters to discovery only.
	id, err := a.people.find(ctx, 0, pdx.RoleValidator, account)
	if err != nil {
		return pdx.Verdict{}, askError(ctx, fmt.Errorf("%w: %w", validation.ErrUnreachable, err))
	}
	v, err := a.client.Ask(ctx, id, validation.Request{Deal: r.Deal, Opening: r.Opening, Proof: [64]byte(r.Proof)}, progress)
	if err != nil {
		return pdx.Verdict{}, askError(ctx, err)
	}
	return v, nil
}

// askError says in the seller's words what is wrong with a validator.
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

// answerer hands requests of sellers to the validator, in the name of the
// account that the asking peer proved.
type answerer struct {
	hello     accounts
	validator *validator.Service
}

// Admit lets the seller of a deal ask one of its validators.
func (a answerer) Admit(ctx context.Context, from peer.ID, id pdx.DealID) error {
	ctx = serve(ctx)
	account, err := a.account(ctx, from)
	if err != nil {
		return err
	}
	return a.validator.Admit(ctx, account, id)
}

func (a answerer) account(ctx context.Context, from peer.ID) (pdx.Address, error) {
	account, err := a.hello.Account(ctx, from)
	if err != nil {
		return "", fmt.Errorf("who is asking: %w", err)
	}
	return account, nil
}

// Validate checks a deal and certifies the verdict.
func (a answerer) Validate(ctx context.Context, from peer.ID, r validation.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	ctx = serve(ctx)
	account, err := a.account(ctx, from)
	if err != nil {
		return pdx.Verdict{}, err
	}
	v, err := a.validator.Validate(ctx, validator.Request{
		Deal: r.Deal, Asker: account, Peer: from.String(), Opening: r.Opening, Proof: r.Proof[:],
	}, progress)
	if errors.Is(err, validator.ErrBusy) {
		err = fmt.Errorf("%w: %w", validation.ErrBusy, err)
	}
	return v, err
}
