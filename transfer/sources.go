package transfer

import (
	"context"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Sources knows which peers may have a blob. They may come and go while it is
// pulled.
type Sources interface {
	// Watch calls set with all sources of now: once at its beginning, and again
	// whenever they changed. It returns when ctx ends, or earlier when they will
	// not change any more. The host must know the addresses of those that it
	// names. A peer that set names again after it was given up, by a call that
	// did not name it in between or not, is tried again, unless it sent wrong
	// bytes.
	Watch(ctx context.Context, set func(now []peer.ID))
}

// From are sources that do not change.
func From(peers ...peer.ID) Sources { return fixed(peers) }

type fixed []peer.ID

func (f fixed) Watch(_ context.Context, set func([]peer.ID)) { set(f) }

// SourcesFunc is a function as Sources.
type SourcesFunc func(ctx context.Context, set func(now []peer.ID))

// Watch calls f.
func (f SourcesFunc) Watch(ctx context.Context, set func([]peer.ID)) { f(ctx, set) }
