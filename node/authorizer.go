package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// An authorizer decides who may pull what by asking the roles, which ask the ledger. It is
// the only code in which payment and transport meet.
//
// Criteria are public. A ciphertext is served to an account, which the puller must prove
// to speak for, and never to a mere peer id.
type authorizer struct {
	hello  accounts
	seller interface {
		MayPull(context.Context, pdx.Address, pdx.ContentID) error
	}
	buyer interface {
		MayPull(context.Context, pdx.ContentID) bool
	}
	validator interface {
		MayPull(context.Context, pdx.Address, pdx.ContentID) (bool, error)
	}
}

// Allow returns nil if puller may have the blob now; see transfer.Authorizer.
func (a authorizer) Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error {
	ctx = serve(ctx)
	if a.buyer.MayPull(ctx, id) {
		return nil
	}
	account, err := a.hello.Account(ctx, puller)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("identify the puller: %w: %w", pdx.ErrRefused, err)
	}
	if err != nil {
		return err
	}
	err = a.seller.MayPull(ctx, account, id)
	if err == nil || !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	may, err := a.validator.MayPull(ctx, account, id)
	if err != nil {
		return err
	}
	if !may {
		return fmt.Errorf("%s: %w", account, pdx.ErrNotFound)
	}
	return nil
}
