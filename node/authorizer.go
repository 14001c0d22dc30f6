package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// gate decides who may pull what, by asking the roles, which ask the ledger. It
// is the one place where payment meets transport.
//
// Criteria are everybody's. A ciphertext is given to an account, which the
// puller must have proven to speak for, never to a peer id as such.
type gate struct {
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

// Allow is nil if puller may have the blob now; see transfer.Authorizer.
func (g gate) Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error {
	ctx = serve(ctx)
	if g.buyer.MayPull(ctx, id) {
		return nil
	}
	account, err := g.hello.Account(ctx, puller)
	if err != nil {
		return fmt.Errorf("who is pulling: %w", err)
	}
	err = g.seller.MayPull(ctx, account, id)
	if err == nil || !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	may, err := g.validator.MayPull(ctx, account, id)
	if err != nil {
		return err
	}
	if !may {
		return fmt.Errorf("%s: %w", account, pdx.ErrNotFound)
	}
	return nil
}
