package validation

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/p2p/stream"
)

// sender sends the latest progress, no faster than a pause apart and at least
// every keepAlive. Its goroutine lives between start and stop.
type sender struct {
	stream *stream.ServerStream
	timing timing
	slots  int // said with every frame

	mu     sync.Mutex
	latest pdx.Progress
	told   *pdx.Verdict // was sent while it waits for a block
	err    error

	changed notify.Signal // set when there is news
	quit    chan struct{}
	over    sync.WaitGroup
	once    sync.Once
}

func newSender(st *stream.ServerStream, timing timing, slots int) *sender {
	return &sender{stream: st, timing: timing, slots: slots, changed: notify.New(), quit: make(chan struct{})}
}

// start begins to send; cancel is called when the asker takes no more frames.
func (s *sender) start(cancel context.CancelFunc) {
	s.over.Go(func() {
		if err := s.run(); err != nil {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
			cancel()
		}
	})
}

func (s *sender) run() error {
	alive := time.NewTicker(s.timing.keepAlive)
	defer alive.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select { // not sooner than the pause after the last one
		case <-s.quit:
			return nil
		case <-pause.C:
		}
		select {
		case <-s.quit:
			return nil
		case <-s.changed:
		case <-alive.C:
		}
		s.mu.Lock()
		latest := s.latest
		s.mu.Unlock()
		if err := s.send(encodeProgress(latest)); err != nil {
			return err
		}
		s.mu.Lock()
		s.told = latest.Verdict
		s.mu.Unlock()
		pause.Reset(s.timing.pause)
	}
}

// progress notes p to be sent; a stage that is not one of work is left out.
func (s *sender) progress(p pdx.Progress) {
	if _, ok := stageNumbers[p.Stage]; !ok {
		return
	}
	p.Slots = s.slots
	s.mu.Lock()
	s.latest = p
	s.mu.Unlock()
	s.changed.Set()
}

// stop ends the goroutine and waits for it. It may be called without start.
func (s *sender) stop() {
	s.once.Do(func() { close(s.quit) })
	s.over.Wait()
}

// pending is the verdict that was sent while it waits for a block, or nil.
func (s *sender) pending() *pdx.Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// failed reports whether a frame could not be sent.
func (s *sender) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

// final sends the last frame, after stop. If it is lost the asker asks again,
// and the chain has the verdict.
func (s *sender) final(m proto.Message) { _ = s.send(m) }

func (s *sender) send(m proto.Message) error { return s.stream.WriteFrame(m, sendTimeout) }
