package perf

import (
	"context"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// MaxStreams is a limit that tests go against.
const MaxStreams = maxStreams

// PerfAt is Perf for a path that is taken to have that rate, in bytes a second: the
// higher it is, the more connections loopback needs.
func PerfAt(ctx context.Context, rate float64, h host.Host, chainID string, to peer.ID, up, down uint64, progress func(Sample)) error {
	return asker{h, Protocol(chainID), to, rate}.perf(ctx, share{up, down}, progress)
}
