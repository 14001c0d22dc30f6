package gossip

import (
	"context"
	"log/slog"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// gather keeps some of a pool's peers connected until ctx ends.
func (m *Mesh) gather(ctx context.Context, pool pdx.PoolID, topic *pubsub.Topic) {
	pause := gatherSoon
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		if len(topic.ListPeers()) < wantedPeers {
			m.seek(ctx, pool)
		}
		next.Reset(pause)
		pause = min(2*pause, gatherInterval)
	}
}

// seek finds peers of a pool and dials some that are not connected.
func (m *Mesh) seek(ctx context.Context, pool pdx.PoolID) {
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	found, err := m.opt.Find(ctx, pool)
	if err != nil {
		m.opt.Log.DebugContext(ctx, "cannot find peers of a pool", slog.String("pool_id", pool.String()), slog.Any("error", err))
		return
	}
	var dials sync.WaitGroup
	for _, p := range found[:min(len(found), wantedPeers)] {
		if p.ID == m.host.ID() {
			continue
		}
		dials.Go(func() { m.dial(ctx, pool, p) })
	}
	dials.Wait()
}

func (m *Mesh) dial(ctx context.Context, pool pdx.PoolID, p peer.AddrInfo) {
	if err := m.host.Connect(ctx, p); err != nil {
		m.opt.Log.DebugContext(ctx, "peer of a pool does not answer", slog.String("pool_id", pool.String()),
			slog.String("peer_id", p.ID.String()), slog.Any("error", err))
	}
}
