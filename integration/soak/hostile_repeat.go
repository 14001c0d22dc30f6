//go:build linux

package soak

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// repeatPause is between two streams of one attack.
const repeatPause = 100 * time.Millisecond

// repeat does something on one stream after the other until the context ends. It fails if
// not even one stream could be opened.
func (h *hostile) repeat(ctx context.Context, at peer.ID, id protocol.ID, do func(network.Stream) error) (err error) {
	for opened := false; ctx.Err() == nil; {
		s, failed := h.host.NewStream(ctx, at, id)
		if failed != nil && !opened {
			err = failed
		}
		if failed == nil {
			opened, err = true, nil
			end := context.AfterFunc(ctx, func() { _ = s.Reset() })
			_ = do(s) // however it ends: the next one follows
			end()
			_ = s.Reset()
		}
		_ = h.rest(ctx)
	}
	return err
}

// rest waits a moment.
func (h *hostile) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(repeatPause):
		return nil
	}
}
