package perf

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"

	"github.com/medibloc/pdx"
)

// Ping yields round-trip times, one after the other without a pause, until ctx ends or
// one fails, which yields pdx.ErrUnavailable. It also uses limited connections.
func Ping(ctx context.Context, h host.Host, to peer.ID) iter.Seq2[time.Duration, error] {
	return func(yield func(time.Duration, error) bool) {
		ctx, cancel := context.WithCancel(network.WithAllowLimitedConn(ctx, service))
		defer cancel()
		for round := range ping.Ping(ctx, h, to) {
			if ctx.Err() != nil {
				return
			}
			if round.Error != nil {
				yield(0, fmt.Errorf("ping %s: %w: %v", to, pdx.ErrUnavailable, round.Error))
				return
			}
			if !yield(round.RTT, nil) {
				return
			}
		}
	}
}
