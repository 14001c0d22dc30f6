package transfer

import (
	"context"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// Authorizer decides who may pull what.
type Authorizer interface {
	// Allow is nil if puller may have the blob with that root now. It wraps
	// pdx.ErrRefused or pdx.ErrNotFound (answered alike to the puller as the
	// authorizer says; prefer NotFound where the existence of a blob is a secret), or
	// pdx.ErrUnavailable when the authorizer cannot know yet. Any other error is the
	// server's own failure. It is asked for every request and before the store
	// is, and must return when ctx ends.
	Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error
}

// AuthorizerFunc is a function as an Authorizer.
type AuthorizerFunc func(ctx context.Context, puller peer.ID, id pdx.ContentID) error

// Allow calls f.
func (f AuthorizerFunc) Allow(ctx context.Context, puller peer.ID, id pdx.ContentID) error {
	return f(ctx, puller, id)
}
