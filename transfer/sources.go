package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// Sources lists the peers that may have a blob. They may change while the blob is
// pulled.
type Sources interface {
	// Watch calls set with all current sources, once at the start and again whenever
	// they have changed. It returns when ctx ends, or earlier if the sources will not
	// change any more. The host must know the addresses of the peers. A peer that
	// failed too often is tried again when set is called with it again, unless it sent
	// wrong bytes.
	Watch(ctx context.Context, set func(now []peer.ID))
}

// From returns sources that do not change.
func From(peers ...peer.ID) Sources { return fixed(peers) }

type fixed []peer.ID

func (f fixed) Watch(_ context.Context, set func([]peer.ID)) { set(f) }

// A SourcesFunc is a function that implements Sources.
type SourcesFunc func(ctx context.Context, set func(now []peer.ID))

// Watch calls f.
func (f SourcesFunc) Watch(ctx context.Context, set func([]peer.ID)) { f(ctx, set) }

// preferring returns from with the source first, if it is not empty: of many sources a
// pull uses the first.
func preferring(first peer.ID, from Sources) Sources {
	if first == "" {
		return from
	}
	return SourcesFunc(func(ctx context.Context, set func([]peer.ID)) {
		from.Watch(ctx, func(now []peer.ID) {
			others := slices.DeleteFunc(slices.Clone(now), func(id peer.ID) bool { return id == first })
			if len(others) < len(now) {
				now = append([]peer.ID{first}, others...)
			}
			set(now)
		})
	})
}

var (
	// errNoSource: no source was named.
	errNoSource = fmt.Errorf("%w: no peer is known to hold the blob", pdx.ErrUnavailable)
	// errLeft: the source is no longer named.
	errLeft = fmt.Errorf("%w: the peer is no longer named as a source", pdx.ErrUnavailable)
)

// roster holds the sources of a pull and what became of each.
type roster struct {
	pull *pull

	mu      sync.Mutex // guards the fields below, and the status of each source
	sources map[peer.ID]*source
	closed  bool      // no others will be named
	moved   time.Time // when the last segment was kept, or a source came or went
}

// sourceStatus says what became of a source.
type sourceStatus struct {
	running bool
	err     error // why it was given up; nil while running
	stop    context.CancelFunc
}

func newRoster(p *pull) *roster {
	return &roster{pull: p, sources: make(map[peer.ID]*source), moved: time.Now()}
}

// set makes now the sources: new ones begin, those that are gone end.
func (r *roster) set(ctx context.Context, now []peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	named := make(map[peer.ID]bool, len(now))
	for _, id := range now[:min(len(now), r.pull.client.limits.sources)] {
		named[id] = true
		s := r.sources[id]
		if s != nil && (s.status.running || errors.Is(s.status.err, pdx.ErrCorrupt)) {
			continue
		}
		s = newSource(r.pull, id)
		r.sources[id], r.moved = s, time.Now()
		ctx, stop := context.WithCancel(ctx)
		s.status = sourceStatus{running: true, stop: stop}
		r.pull.group.Go(func() { s.run(ctx) })
	}
	for id, s := range r.sources {
		if !named[id] && s.status.running {
			s.status.err = &PeerError{Peer: id, Err: errLeft}
			s.route.Ended(s.status.err)
			s.status.end()
		}
	}
}

// end stops a source; roster.mu is held.
func (s *sourceStatus) end() {
	s.running = false
	s.stop()
}

// close says that set will not be called any more.
func (r *roster) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// running returns how many sources are fetching.
func (r *roster) running() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sources {
		if s.status.running {
			n++
		}
	}
	return n
}

// touch notes that the pull moves.
func (r *roster) touch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moved = time.Now()
}

// finish ends a source whose workers have nothing more to do.
func (r *roster) finish(s *source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.status.end()
}

// giveUp ends a source for that reason, and reports whether it is the first.
func (r *roster) giveUp(s *source, err error) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first = s.status.err == nil; first {
		s.status.err = err
	}
	r.moved = time.Now()
	s.status.end()
	return first
}

// stuck returns why the pull cannot go on, nil if it can: every source was given
// up, and no other can come or none has come for a while.
func (r *roster) stuck() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.sources {
		if s.status.running {
			return nil
		}
		errs = append(errs, s.status.err)
	}
	l := r.pull.client.limits
	wait := l.joinTime
	if len(errs) == 0 {
		wait = l.retry.Patience
	}
	if !r.closed && time.Since(r.moved) < wait {
		return nil
	}
	if len(errs) == 0 {
		return errNoSource
	}
	return errors.Join(errs...)
}

// liars returns the sources that sent wrong bytes.
func (r *roster) liars() (out []*PeerError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sources {
		var pe *PeerError
		if errors.Is(s.status.err, pdx.ErrCorrupt) && errors.As(s.status.err, &pe) {
			out = append(out, pe)
		}
	}
	return out
}
