package transfer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/internal/ingest"
	"github.com/medibloc/pdx/transfer/internal/retry"
)

// source is a peer that a pull fetches from, with one worker or several.
type source struct {
	pull    *pull
	peer    peer.ID
	route   *activity.RouteRecorder
	rate    activity.Meter // of what was verified
	retries retry.State
	workers sync.WaitGroup
	moved   atomic.Int64 // when the last segment came, in nanoseconds since 1970

	status sourceStatus // guarded by roster.mu

	pathMu    sync.Mutex // guards the fields below
	started   int        // workers, those that ended included
	lease     *multiconn.Lease
	roundTrip time.Duration // 0 before it is known
}

func newSource(p *pull, id peer.ID) *source {
	return &source{pull: p, peer: id, route: p.activity.Route(id)}
}

// run fetches until the pull ends, or the source is given up.
func (s *source) run(ctx context.Context) {
	defer connmgr.Begin(s.pull.client.host, s.peer).End()
	defer s.releaseConns()
	s.moved.Store(time.Now().UnixNano())
	s.startWorker(ctx, 1)
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { s.watchPath(watching) })
	s.grow(ctx)
	s.workers.Wait()
	stop()
	watch.Wait()
	s.pull.roster.finish(s)
}

// startWorker starts one more worker, unless most workers were started.
func (s *source) startWorker(ctx context.Context, most int) bool {
	s.pathMu.Lock()
	defer s.pathMu.Unlock()
	if s.started >= most {
		return false
	}
	w := &worker{source: s, conn: s.started, heard: time.Now()}
	s.started++
	s.workers.Go(func() { w.run(ctx) })
	return true
}

// grow starts workers while the path can carry more than the present workers use. How
// many depends on the round-trip time at first, and on the measured rate later.
func (s *source) grow(ctx context.Context) {
	if s.pull.plan.MissingBytes() < s.pull.client.limits.workerBytes {
		return
	}
	if s.dialled(ctx) == 0 { // the first decision needs it
		s.measure(ctx)
	} else {
		s.workers.Go(func() { s.measure(ctx) })
	}
	ticker := time.NewTicker(s.pull.client.limits.growTime)
	defer ticker.Stop()
	for {
		conns, want := s.wanted()
		if conns > 1 && s.startedWorkers() < want {
			s.connect(ctx, min(conns, want), func() { s.startWorker(ctx, want) })
		}
		for s.startWorker(ctx, want) {
		}
		select {
		case <-ctx.Done():
			return
		case <-s.pull.plan.Complete():
			return
		case <-ticker.C:
		}
	}
}

// wanted returns how many connections the path needs at the present rate, and how many
// workers have enough to do on them.
func (s *source) wanted() (conns, workers int) {
	l := s.pull.client.limits
	conns = multiconn.Connections(max(s.rate.BytesPerSecond(), multiconn.GuessRate), s.knownRoundTrip())
	enough := 1 + int(s.pull.plan.MissingBytes()/l.workerBytes)
	share := max(1, l.workers/max(1, s.pull.roster.running()))
	return conns, min(conns*l.streams, enough, share)
}

// startedWorkers returns how many workers were started.
func (s *source) startedWorkers() int {
	s.pathMu.Lock()
	defer s.pathMu.Unlock()
	return s.started
}

// connect asks for n connections to carry the workers' streams, and calls more
// for each one that opens. Fewer are not a failure: streams share them.
func (s *source) connect(ctx context.Context, n int, more func()) {
	c, ok := multiconn.Direct(s.pull.client.host.Network(), s.peer)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.pull.client.limits.dialTime)
	defer cancel()
	lease := c.Widen(ctx, n, s.pull.client.host.Peerstore().Addrs(s.peer), more)
	s.pathMu.Lock()
	old := s.lease
	s.lease = lease
	s.pathMu.Unlock()
	old.Release()
	s.route.SetConnections(lease.Connections())
}

// releaseConns closes what connect opened, unless another pull uses it.
func (s *source) releaseConns() {
	s.pathMu.Lock()
	defer s.pathMu.Unlock()
	s.lease.Release()
	s.lease = nil
}

// dialled takes the round-trip time from how long it took to connect, which saves two
// round trips before the path is filled. It returns 0 if that is not known.
func (s *source) dialled(ctx context.Context) time.Duration {
	c := s.pull.client
	ctx, cancel := context.WithTimeout(ctx, c.limits.dialTime)
	defer cancel()
	if conn, err := c.host.Network().DialPeer(ctx, s.peer); err == nil {
		var m *multiconn.Conn
		if conn.As(&m) {
			s.setRoundTrip(m.RTT())
		}
	}
	return s.knownRoundTrip()
}

// measure takes the round-trip time from a ping.
func (s *source) measure(ctx context.Context) {
	c := s.pull.client
	ctx, cancel := context.WithTimeout(ctx, c.limits.dialTime)
	defer cancel()
	r, ok := <-ping.Ping(ctx, c.host, s.peer)
	if !ok || r.Error != nil {
		s.setRoundTrip(c.host.Peerstore().LatencyEWMA(s.peer))
		return
	}
	s.route.SetRTT(r.RTT)
	s.setRoundTrip(r.RTT)
}

func (s *source) knownRoundTrip() time.Duration {
	s.pathMu.Lock()
	defer s.pathMu.Unlock()
	return s.roundTrip
}

// setRoundTrip keeps a round-trip time unless it is 0, which means unknown.
func (s *source) setRoundTrip(d time.Duration) {
	s.pathMu.Lock()
	defer s.pathMu.Unlock()
	if d > 0 {
		s.roundTrip = d
	}
}

// Kept implements ingest.Origin.
func (s *source) Kept(n int) {
	s.moved.Store(time.Now().UnixNano())
	s.retries.Succeeded()
	s.rate.Add(n)
	s.route.Moved(n)
	s.pull.activity.Held.Add(uint64(n))
	s.pull.client.metrics.pulledBytes.Add(float64(n))
	s.pull.roster.touch()
}

// Repeated implements ingest.Origin.
func (s *source) Repeated(n int) {
	s.route.Again(n)
	s.pull.client.metrics.refetchedBytes.Add(float64(n))
}

// Lied gives the source up for good.
func (s *source) Lied(err error) { s.giveUp(&PeerError{Peer: s.peer, Err: err}) }

// giveUp ends the source for that reason; the first counts.
func (s *source) giveUp(err error) {
	if s.pull.roster.giveUp(s, err) {
		s.route.Ended(err)
		if errors.Is(err, pdx.ErrCorrupt) {
			s.pull.client.metrics.badPeers.Inc()
			s.pull.client.log.Warn("peer sent wrong bytes", "peer_id", s.peer, "cid", s.pull.id, "error", err)
		}
	}
	s.pull.plan.Wake()
}

// retry waits before the source is asked again after err; it returns false when the
// source is given up, or the pull is over.
func (s *source) retry(ctx context.Context, err error) bool {
	wait, again := s.retries.After(s.pull.client.limits.retry, err)
	if !again {
		return false
	}
	s.pull.client.retrying(s.route, err)
	select {
	case <-ctx.Done():
		return false
	case <-s.pull.plan.Complete():
		return false
	case <-time.After(wait):
		return true
	}
}

var _ ingest.Origin = (*source)(nil)
