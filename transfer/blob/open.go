package blob

import (
	"context"
	"log/slog"
	"net/url"
)

// Config is what a kind of store is opened with.
type Config struct {
	// Location says where the blobs are. Its scheme is the kind's.
	Location *url.URL
	// Origin has the bytes of blobs of which only the tree is kept; NoOrigin for none.
	Origin Origin
	// Log gets what its owner should know; nil is silent.
	Log *slog.Logger
}

// Factory opens a kind of store. Each kind's package has one, and a node has all by
// their schemes.
type Factory func(ctx context.Context, c Config) (Backend, error)
