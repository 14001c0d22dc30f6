package stream

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// Handler serves one stream. ctx ends when the stream is cut off. A nil error closes
// the stream; any other resets it with the code of Kinds.
type Handler func(ctx context.Context, s *ServerStream) error

// Config configures a Server. Host, Service, Handlers, Limits and Kinds are required.
type Config struct {
	Host     host.Host
	Service  string                  // names the server in the resource manager, logs and metrics
	Handlers map[protocol.ID]Handler // by protocol; they share limits, start and stop
	Limits   Limits
	Kinds    Kinds
	// Account returns the account that a peer has proven to speak for; ServerStream.Account
	// calls it. It may be nil if no handler calls that.
	Account func(ctx context.Context, id peer.ID) (pdx.Address, error)
	// Full is called in place of the handler if there is no slot or memory for a
	// stream, to send the protocol's own message. If it is nil, the stream is reset.
	Full func(s *ServerStream) error
	// Dropped is called for each stream that was refused or whose handler panicked,
	// with ErrRateLimited, ErrNoSlot, ErrNoMemory or ErrPanic and the time since the
	// stream was opened. It may be nil.
	Dropped func(err error, took time.Duration)
	Metrics *Metrics     // may be nil
	Log     *slog.Logger // nil is silent
}

// Server serves the streams of a protocol.
type Server struct {
	cfg    Config
	slots  *slots
	groups *ratelimit.Buckets[netip.Prefix]
	total  *ratelimit.Buckets[struct{}]

	// The two phases of a stop: the first ends what may be broken off, the second
	// resets all streams. They are contexts because handlers wait for them.
	stopping, cut           context.Context //nolint:containedctx // see above
	beginStopping, beginCut context.CancelFunc

	life    sync.Mutex // guards the rest
	state   state
	open    map[*ServerStream]struct{}
	drained chan struct{} // closed when the server has stopped and no stream is left
}

type state int

const (
	created state = iota
	running
	stopped
)

// NewServer returns a server, which serves nothing before Start. It returns
// pdx.ErrInvalid if a required field is missing.
func NewServer(c Config) (*Server, error) {
	if c.Host == nil || c.Service == "" || len(c.Handlers) == 0 || c.Kinds.Frame == nil {
		return nil, fmt.Errorf("stream server %q: %w: host, service, handlers and kinds of errors are needed", c.Service, pdx.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With(slog.String("service", c.Service))
	s := &Server{
		cfg: c, slots: newSlots(c.Limits), groups: ratelimit.New[netip.Prefix](c.Limits.Rate, c.Limits.Groups),
		total: ratelimit.New[struct{}](c.Limits.TotalRate, 1), open: make(map[*ServerStream]struct{}), drained: make(chan struct{}),
	}
	s.stopping, s.beginStopping = context.WithCancel(context.Background())
	s.cut, s.beginCut = context.WithCancel(context.Background())
	return s, nil
}

// Start accepts streams until Stop. The end of ctx does not stop the server; the
// contexts of handlers have the values of ctx. A Server can be started once.
func (s *Server) Start(ctx context.Context) error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.state != created {
		return fmt.Errorf("start %s: %w: it was started or stopped before", s.cfg.Service, pdx.ErrWrongState)
	}
	s.state = running
	for id, handle := range s.cfg.Handlers {
		s.cfg.Host.SetStreamHandler(id, func(raw network.Stream) { s.serve(context.WithoutCancel(ctx), raw, handle) })
	}
	return nil
}

// A CutError says how many streams a Stop reset, and how many of their handlers did not
// return even then.
type CutError struct {
	Service      string
	Streams      int
	StillRunning int
	Cause        error // why Stop did not wait longer
}

// Error names the service and the numbers.
func (e *CutError) Error() string {
	return fmt.Sprintf("stop %s: %d streams cut off, %d handlers still running: %v", e.Service, e.Streams, e.StillRunning, e.Cause)
}

// Unwrap returns the cause.
func (e *CutError) Unwrap() error { return e.Cause }

// Stop accepts no more streams, ends the reading of frames with ErrStopped, and waits
// for the handlers. If all return before ctx ends, Stop returns nil. Otherwise it
// resets the remaining streams, waits for their handlers for a second, and returns a
// *CutError. A second Stop does the same for the handlers that are left.
func (s *Server) Stop(ctx context.Context) error {
	s.refuse()
	select {
	case <-s.drained:
		return nil
	default:
	}
	select {
	case <-s.drained:
		return nil
	case <-ctx.Done():
	}
	failed := &CutError{Service: s.cfg.Service, Streams: s.Open(), Cause: ctx.Err()}
	s.beginCut()
	end := time.NewTimer(cutTime)
	defer end.Stop()
	select {
	case <-s.drained:
	case <-end.C:
		failed.StillRunning = s.Open()
	}
	if failed.Streams == 0 {
		return nil
	}
	return failed
}

// refuse begins the stop.
func (s *Server) refuse() {
	s.life.Lock()
	defer s.life.Unlock()
	if s.state == running {
		for id := range s.cfg.Handlers {
			s.cfg.Host.RemoveStreamHandler(id)
		}
	}
	if s.state == stopped {
		return
	}
	s.state = stopped
	s.beginStopping()
	for stream := range s.open {
		stream.Interrupt(ErrStopped)
	}
	s.close()
}

// close notes that nothing is left, if so. The caller holds life.
func (s *Server) close() {
	if s.state == stopped && len(s.open) == 0 {
		s.beginCut() // frees the contexts
		close(s.drained)
	}
}

// Open returns the number of streams that are being served.
func (s *Server) Open() int {
	s.life.Lock()
	defer s.life.Unlock()
	return len(s.open)
}

// begin counts a stream in, and reports whether the server takes it. Every true
// needs one end.
func (s *Server) begin(stream *ServerStream) bool {
	s.life.Lock()
	defer s.life.Unlock()
	if s.state != running {
		return false
	}
	s.open[stream] = struct{}{}
	return true
}

func (s *Server) end(stream *ServerStream) {
	s.life.Lock()
	defer s.life.Unlock()
	delete(s.open, stream)
	s.close()
}
