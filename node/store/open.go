package store

import (
	"context"
	"net/url"
)

// Config is what a kind of store is opened with.
type Config struct {
	// Location says where the state is. Its scheme is the kind's.
	Location *url.URL
	// Schema declares the indexes.
	Schema Schema
}

// Factory opens a kind of store, making it if it is missing. Each kind's package has
// one, and a node has all by their schemes.
type Factory func(ctx context.Context, c Config) (Backend, error)
