package transfer

import (
	"context"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// An Authorizer decides who may pull what.
type Authorizer interface {
	// Allow returns nil if puller may have the blob with that root now. Otherwise it
	// returns pdx.ErrRefused or pdx.ErrNotFound, which the puller is told (use
	// ErrNotFound if the existence of the blob is a secret), or pdx.ErrUnavailable if
	// it does not know yet. Any other error is a failure of the server. Allow is called
	// for every request, before the store is read, and must return when ctx ends.
	Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error
}

// An AuthorizerFunc is a function that implements Authorizer.
type AuthorizerFunc func(ctx context.Context, puller peer.ID, id pdx.ContentID) error

// Allow calls f.
func (f AuthorizerFunc) Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error {
	return f(ctx, puller, id)
}
