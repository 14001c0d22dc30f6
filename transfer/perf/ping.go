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

// Ping yields one round trip after another, as fast as they come, until ctx
// ends or one fails with pdx.ErrUnavailable. Limited connections count.
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
