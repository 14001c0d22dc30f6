package validation

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
)

// Handler is the validator behind the server.
type Handler interface {
	// Admit says, before a request takes a place in the queue, whether this asker
	// may ask about this deal: quickly, from the ledger. Its error is the answer.
	Admit(ctx context.Context, asker peer.ID, deal pdx.DealID) error
	// Validate checks a deal and certifies the verdict; ctx ends when the asker
	// is gone or the server stops. progress may be called from any goroutine and
	// never blocks. An error that wraps pdx.ErrUnavailable or pdx.ErrNotFound
	// tells the asker to try again; its text is sent to the asker, so it must hold
	// nothing private.
	Validate(ctx context.Context, asker peer.ID, r Request, progress func(pdx.Progress)) (pdx.Verdict, error)
}

// Server answers askers.
type Server struct {
	host     host.Host
	chainID  string
	handler  Handler
	queue    *queue
	limiter  *limiter
	metrics  *metrics
	log      *slog.Logger
	timing   timing
	mu       sync.Mutex // guards the next three
	accept   bool
	stopWork context.CancelFunc
	work     context.Context
	streams  sync.WaitGroup
}

// timing is in one place so that tests of silence do not wait for minutes.
type timing struct{ keepAlive, pause, request time.Duration }

// Option changes a Server.
type Option func(*options)

type options struct {
	workers, queue int
	registerer     prometheus.Registerer
	log            *slog.Logger
}

// WithWorkers sets how many validations run at once and how many more may wait.
func WithWorkers(workers, queue int) Option {
	return func(o *options) { o.workers, o.queue = workers, queue }
}

// WithRegisterer registers the server's metrics.
func WithRegisterer(r prometheus.Registerer) Option {
	return func(o *options) { o.registerer = r }
}

// WithLogger sets the logger; without it nothing is logged.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// NewServer is a server on a chain that answers nothing until Start.
func NewServer(h host.Host, chainID string, handler Handler, opts ...Option) (*Server, error) {
	o := options{workers: defaultWorkers, queue: defaultQueue, log: slog.New(slog.DiscardHandler)}
	for _, apply := range opts {
		apply(&o)
	}
	if h == nil || handler == nil || chainID == "" || o.workers < 1 || o.queue < 0 {
		return nil, fmt.Errorf("validation server: %w: it wants a host, a chain, a handler and at least one worker", pdx.ErrInvalid)
	}
	s := &Server{
		host: h, chainID: chainID, handler: handler, log: o.log, limiter: newLimiter(),
		timing: timing{keepAlive: keepAlive, pause: progressPause, request: requestTimeout},
	}
	var err error
	s.queue = newQueue(o.workers, o.queue)
	if s.metrics, err = newMetrics(o.registerer, s.queue); err != nil {
		return nil, fmt.Errorf("validation server: %w", err)
	}
	return s, nil
}

// Start begins to answer. Validations live until Stop, not until ctx ends.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accept {
		return fmt.Errorf("start validation server: %w: it runs already", pdx.ErrWrongState)
	}
	s.work, s.stopWork = context.WithCancel(context.WithoutCancel(ctx))
	s.accept = true
	s.host.SetStreamHandler(Protocol(s.chainID), s.onStream)
	return nil
}

// Stop ends all validations and waits for their handlers, at most until ctx
// ends. A validator may have certified by then: that is on chain and not lost.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	if s.accept {
		s.accept = false
		s.host.RemoveStreamHandler(Protocol(s.chainID))
		s.stopWork()
	}
	s.mu.Unlock()

	idle := make(chan struct{})
	go func() { s.streams.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop validation server: handlers still at work: %w", ctx.Err())
	}
}

// onStream owns the stream from here on; libp2p gives it a goroutine.
func (s *Server) onStream(stream network.Stream) {
	s.mu.Lock()
	if !s.accept {
		s.mu.Unlock()
		_ = stream.ResetWithError(network.StreamShutdown)
		return
	}
	s.streams.Add(1)
	work := s.work
	s.mu.Unlock()
	defer s.streams.Done()
	s.serve(work, stream)
}
