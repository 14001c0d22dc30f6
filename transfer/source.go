package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/multiconn"
)

// source is one peer that a pull fetches from, over one lane or several.
type source struct {
	*pulling
	peer peer.ID
	seen *route
	rate meter // of what was verified

	// Guarded by pulling.mu.
	running bool
	err     error // why it was given up; nil while running
	stop    context.CancelFunc

	backoff backoff

	mu     sync.Mutex
	opened int // lanes, those that ended included
	lease  *multiconn.Lease
	rtt    time.Duration // 0 before it is known
}

func newSource(p *pulling, id peer.ID) *source {
	return &source{pulling: p, peer: id, seen: p.seen.route(id)}
}

// start runs the source until the pull ends, or it is given up; pulling.mu is
// held.
func (s *source) start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.running = true
	s.group.Go(func() {
		defer s.narrow()
		var lanes sync.WaitGroup
		s.open(ctx, &lanes, 1)
		s.widen(ctx, &lanes)
		lanes.Wait()
		s.rest()
	})
}

// open adds a lane, unless there are that many.
func (s *source) open(ctx context.Context, lanes *sync.WaitGroup, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened >= most {
		return false
	}
	l := &lane{source: s, number: s.opened}
	s.opened++
	lanes.Go(func() { l.run(ctx) })
	return true
}

// widen adds lanes as long as the path has room for more than those there are
// can carry: at once by its round-trip time, and later by the rate that was
// measured.
func (s *source) widen(ctx context.Context, lanes *sync.WaitGroup) {
	if s.plan.missingBytes() < s.limits.wideBytes {
		return
	}
	if s.dialled(ctx) == 0 { // nothing to begin with
		s.measure(ctx)
	} else {
		lanes.Go(func() { s.measure(ctx) })
	}
	ticker := time.NewTicker(s.limits.widenTime)
	defer ticker.Stop()
	for {
		rate := max(s.rate.bytesPerSecond(), multiconn.GuessRate)
		conns := multiconn.Connections(rate, s.roundTrip())
		want := min(conns*s.limits.streams, 1+int(s.plan.missingBytes()/s.limits.wideBytes), max(1, s.limits.lanes/max(1, s.sourceCount())))
		if conns > 1 && s.lanes() < want {
			s.connect(ctx, min(conns, want), func() { s.open(ctx, lanes, want) })
		}
		for s.open(ctx, lanes, want) {
		}
		select {
		case <-ctx.Done():
			return
		case <-s.plan.finished:
			return
		case <-ticker.C:
		}
	}
}

func (p *pulling) sourceCount() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sources {
		if s.running {
			n++
		}
	}
	return n
}

// lanes is how many were opened.
func (s *source) lanes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// connect asks for that many connections to carry the lanes, and calls more for
// each that came. Fewer are no failure: lanes share them.
func (s *source) connect(ctx context.Context, n int, more func()) {
	c, ok := multiconn.Direct(s.host.Network(), s.peer)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.limits.dialTime)
	defer cancel()
	lease := c.Widen(ctx, n, s.host.Peerstore().Addrs(s.peer), more)
	s.mu.Lock()
	old := s.lease
	s.lease = lease
	s.mu.Unlock()
	old.Release()
	s.seen.setConnections(lease.Connections())
}

// narrow closes what connect opened, unless another pull uses it.
func (s *source) narrow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease.Release()
	s.lease = nil
}

// verified counts n bytes of the source that were right and are kept.
func (s *source) verified(n int) {
	s.backoff.right()
	s.rate.add(n)
	s.seen.moved(n)
	s.pulling.seen.held.Add(uint64(n))
	s.metrics.pulledBytes.Add(float64(n))
	s.pulling.mu.Lock()
	s.moved = time.Now()
	s.pulling.mu.Unlock()
}

// again counts n bytes that another source brought first.
func (s *source) again(n int) {
	s.seen.again(n)
	s.metrics.refetchedBytes.Add(float64(n))
}

// lied gives the source up for good: what it sent is not what it must be.
func (s *source) lied(err error) { s.giveUp(&PeerError{Peer: s.peer, Err: err}) }

// giveUp ends the source for that reason; the first counts.
func (s *source) giveUp(err error) {
	s.pulling.mu.Lock()
	defer s.pulling.mu.Unlock()
	if s.err == nil {
		s.err = err
		s.seen.ended(err)
		if errors.Is(err, pdx.ErrCorrupt) {
			s.metrics.badPeers.Inc()
			s.log.Warn("peer sent wrong bytes", "peer_id", s.peer, "cid", s.id, "error", err)
		}
	}
	s.running, s.moved = false, time.Now()
	s.stop()
	s.plan.wake()
}

// rest ends a source whose lanes have nothing more to do.
func (s *source) rest() {
	s.pulling.mu.Lock()
	defer s.pulling.mu.Unlock()
	s.running = false
	s.stop()
}

// leave ends the source because it is not named any more; pulling.mu is held.
func (s *source) leave() {
	if s.running {
		s.err = &PeerError{Peer: s.peer, Err: errLeft}
		s.seen.ended(s.err)
		s.running = false
		s.stop()
	}
}

// retry waits before the source is asked again after err; false when it is not
// worth it.
func (s *source) retry(ctx context.Context, err error) bool {
	wait, ok := s.backoff.after(s.limits, err)
	if !ok {
		return false
	}
	reason := retryReason(err)
	s.seen.retry(reason)
	s.metrics.retries.WithLabelValues(string(reason)).Inc()
	select {
	case <-ctx.Done():
		return false
	case <-s.plan.finished:
		return false
	case <-time.After(wait):
		return true
	}
}

// errLeft: the source is not one any more.
var errLeft = fmt.Errorf("%w: it is not a source any more", pdx.ErrUnavailable)

var _ bao.Claims = (*reading)(nil)
