package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// pulling is one pull under way. Lanes read slices from sources and hand their
// segments to checkers, which verify and put them; a saver makes durable what
// was put. The plan says who fetches what.
type pulling struct {
	*Client
	id       pdx.ContentID
	size     uint64
	part     blob.Partial
	plan     *plan
	progress func(held, total uint64)
	seen     *activity
	checks   *checks
	saver    *saver
	group    sync.WaitGroup // of lanes and watchers

	mu      sync.Mutex
	sources map[peer.ID]*source
	fixed   bool  // the sources will not change any more
	failed  error // this machine's failure, which ends the pull
	end     context.CancelFunc
	moved   time.Time // when the last segment was put, or a source came or went
}

func newPulling(c *Client, id pdx.ContentID, size uint64, part blob.Partial, progress func(held, total uint64), seen *activity) *pulling {
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	p := &pulling{
		Client: c, id: id, size: size, part: part, progress: progress, seen: seen,
		plan: newPlan(c.limits, part, size), sources: make(map[peer.ID]*source), moved: time.Now(),
	}
	p.checks = newChecks(p)
	p.saver = newSaver(c.limits, part, size)
	return p
}

// run pulls what is missing and ends everything that it started.
func (p *pulling) run(ctx context.Context, from Sources) error {
	p.progress(p.part.Written(), p.size)
	pullCtx, cancel := context.WithCancel(ctx)
	p.end = cancel
	p.saver.start(p.fail)
	p.checks.start()
	p.group.Go(func() {
		from.Watch(pullCtx, func(now []peer.ID) { p.set(pullCtx, now) })
		p.settle()
	})
	err := p.wait(pullCtx)
	cancel()
	p.group.Wait()
	p.checks.stop()
	p.saver.stop()
	return p.result(ctx, err)
}

// wait is nil when all is put, or says why nobody can go on.
func (p *pulling) wait(ctx context.Context) error {
	ticker := time.NewTicker(p.limits.lookTime)
	defer ticker.Stop()
	for {
		select {
		case <-p.plan.finished:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-p.plan.hasChanged():
		case <-ticker.C:
		}
		if err := p.stuck(); err != nil {
			return err
		}
	}
}

// result prefers what this machine did wrong, then that the caller has gone,
// then what the sources did.
func (p *pulling) result(ctx context.Context, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.plan.finished:
		if p.failed == nil {
			return nil
		}
	default:
	}
	switch {
	case p.failed != nil:
		return p.failed
	case ctx.Err() != nil:
		return fmt.Errorf("pull: %w", ctx.Err())
	default:
		return err
	}
}

// set makes now the sources: new ones begin, those that are gone end.
func (p *pulling) set(ctx context.Context, now []peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	named := make(map[peer.ID]bool, len(now))
	for _, id := range now[:min(len(now), p.limits.sources)] {
		named[id] = true
		s := p.sources[id]
		if s != nil && (s.running || errors.Is(s.err, pdx.ErrCorrupt)) {
			continue
		}
		s = newSource(p, id)
		p.sources[id], p.moved = s, time.Now()
		s.start(ctx)
	}
	for id, s := range p.sources {
		if !named[id] {
			s.leave()
		}
	}
}

// settle says that set will not be called any more.
func (p *pulling) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fixed = true
}

// stuck is the reason why the pull cannot go on, if so: every source was given
// up, and no other can come or none came for a while.
func (p *pulling) stuck() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, s := range p.sources {
		if s.running {
			return nil
		}
		errs = append(errs, s.err)
	}
	wait := p.limits.joinTime
	if len(errs) == 0 {
		wait = p.limits.patience
	}
	if !p.fixed && time.Since(p.moved) < wait {
		return nil
	}
	if len(errs) == 0 {
		return fmt.Errorf("%w: no peer is known to have it", pdx.ErrUnavailable)
	}
	return errors.Join(errs...)
}

// fail ends the pull for a reason that is this machine's.
func (p *pulling) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed = err
	}
	p.end()
}

// liars are the sources that sent wrong bytes.
func (p *pulling) liars() (out []*PeerError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sources {
		var pe *PeerError
		if errors.Is(s.err, pdx.ErrCorrupt) && errors.As(s.err, &pe) {
			out = append(out, pe)
		}
	}
	return out
}
