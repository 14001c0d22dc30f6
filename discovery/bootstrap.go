package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// Bootstrap adds peers to the seeds and dials them, 8 at a time, until one of them
// answers. It returns ErrUnavailable if none does, or if the Discovery is not running.
// Each group of 8 takes up to 10 seconds.
func (d *Discovery) Bootstrap(ctx context.Context, peers []peer.AddrInfo) error {
	if _, err := d.running(); err != nil {
		return err
	}
	d.seeds.add(peers)
	return d.dial(ctx, peers[:min(len(peers), maxSeeds)])
}

// Wake makes the loop check at once whether peers are needed. It never blocks.
func (d *Discovery) Wake() {
	d.wake.Set()
}

// dial connects to peers, round by round, until one answered.
func (d *Discovery) dial(ctx context.Context, peers []peer.AddrInfo) error {
	for len(peers) > 0 {
		n := min(len(peers), dialsPerRound)
		if d.dialRound(ctx, peers[:n]) {
			return nil
		}
		peers = peers[n:]
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: no bootstrap peer answers", pdx.ErrUnavailable)
}

// dialRound dials all of peers and reports whether any answered.
func (d *Discovery) dialRound(ctx context.Context, peers []peer.AddrInfo) bool {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var answered atomic.Bool
	var dials sync.WaitGroup
	for _, p := range peers {
		dials.Go(func() {
			if err := d.host.Connect(ctx, p); err != nil {
				d.opt.Log.DebugContext(ctx, "seed does not answer", slog.String("peer_id", p.ID.String()), slog.Any("error", err))
				return
			}
			answered.Store(true)
		})
	}
	dials.Wait()
	return answered.Load()
}

// startLoops starts everything that Stop's cancel ends.
func (d *Discovery) startLoops(ctx context.Context) error {
	changes, err := d.host.EventBus().Subscribe([]any{
		new(event.EvtPeerIdentificationCompleted), new(event.EvtPeerConnectednessChanged),
	})
	if err != nil {
		return fmt.Errorf("subscribe to the host's events: %w", err)
	}
	if d.opt.LocalPeers {
		if err := d.startLocalPeers(ctx); err != nil { // no multicast here: the other ways remain
			d.opt.Log.WarnContext(ctx, "cannot look for local peers", slog.Any("error", err))
		}
	}
	if err := errors.Join(d.followReachability(ctx), d.followAddresses(ctx)); err != nil {
		return errors.Join(err, changes.Close())
	}
	loop := &bootstrapLoop{d: d, empty: true, redial: redialMin}
	d.wg.Go(func() {
		defer changes.Close()
		loop.run(ctx, changes.Out())
	})
	return nil
}

// bootstrapLoop keeps the routing table from staying empty, or so small that its peers may be
// partitioned from the rest.
type bootstrapLoop struct {
	d      *Discovery
	empty  bool          // the table was, when last looked at
	redial time.Duration // pause before the next round of dials
	last   time.Time     // start of the last round
	// remembered is when the routing table was last stored.
	remembered time.Time
	// lost is when peers that had left the routing table were last dialled.
	lost    time.Time
	dialing atomic.Bool
}

func (l *bootstrapLoop) run(ctx context.Context, changes <-chan any) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.d.wake:
			l.redial = redialMin
		case <-changes:
		case <-next.C:
		}
		next.Reset(l.step(ctx))
	}
}

// step acts on the size of the routing table and returns the time until the next step.
func (l *bootstrapLoop) step(ctx context.Context) time.Duration {
	d, peers := l.d, l.d.Peers()
	d.online.set(peers > 0)
	if peers >= fewPeers || (peers == 0 && !l.empty) {
		l.redial = redialMin
	}
	l.empty = peers == 0
	if peers < fewPeers {
		l.dial(ctx)
	} else {
		l.dialLost(ctx)
	}
	if peers == 0 {
		return emptyTick
	}
	if node, err := d.running(); err == nil && l.rememberNow(time.Now()) {
		d.rememberTable(ctx, node)
	}
	if err := d.beginSweep(ctx); err != nil && ctx.Err() == nil {
		d.opt.Log.ErrorContext(ctx, "cannot announce", slog.Any("error", err))
	}
	return idleTick
}

// dial starts a round of dials, unless one is running or has just ended.
func (l *bootstrapLoop) dial(ctx context.Context) {
	if time.Since(l.last) < l.redial || !l.dialing.CompareAndSwap(false, true) {
		return
	}
	l.last, l.redial = time.Now(), min(2*l.redial, redialMax)
	l.d.wg.Go(func() {
		defer l.dialing.Store(false)
		l.d.dialSeeds(ctx)
	})
}

// dialLost dials some peers that were in the routing table and are not any more. After a
// partition, each side has enough peers and would never look for the other.
func (l *bootstrapLoop) dialLost(ctx context.Context) {
	if time.Since(l.lost) < idleTick || !l.dialing.CompareAndSwap(false, true) {
		return
	}
	l.lost = time.Now()
	l.d.wg.Go(func() {
		defer l.dialing.Store(false)
		l.d.dialRound(ctx, l.d.gone(ctx))
	})
}

// dialSeeds dials some of the seeds and some peers of former runs.
func (d *Discovery) dialSeeds(ctx context.Context) {
	if d.opt.Seeds != nil {
		ask, cancel := context.WithTimeout(ctx, seedsTimeout)
		more, err := d.opt.Seeds(ask)
		cancel()
		if err != nil && ctx.Err() == nil {
			d.opt.Log.WarnContext(ctx, "cannot learn of seeds", slog.Any("error", err))
		}
		d.seeds.add(d.believable(more))
	}
	some := d.seeds.next(dialsPerRound)
	some = append(some, d.named(ctx, dialsPerRound)...)
	some = append(some, d.remembered(ctx, some)...)
	if len(some) > 0 && !d.dialRound(ctx, some) && ctx.Err() == nil {
		d.opt.Log.WarnContext(ctx, "no bootstrap peer answers", slog.Int("tried", len(some)))
	}
}

// believable drops addresses that this network does not admit, since strangers may have
// written them.
func (d *Discovery) believable(peers []peer.AddrInfo) []peer.AddrInfo {
	kept := make([]peer.AddrInfo, 0, len(peers))
	for _, p := range peers {
		if addrs := d.policy.keep(p.Addrs); len(addrs) > 0 {
			kept = append(kept, peer.AddrInfo{ID: p.ID, Addrs: addrs})
		}
	}
	return kept
}
