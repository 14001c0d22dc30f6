package transfer

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// Server serves the blobs of a store to whom its gate allows.
type Server struct {
	options
	host     host.Host
	protocol protocol.ID
	many     protocol.ID
	store    blob.Store
	gate     Gate

	rates    *rates[netip.Prefix] // of requests and noes
	noes     *rates[peer.ID]
	doors    *doors
	queue    *queue
	throttle *throttle
	serves   *serves

	mu     sync.Mutex
	open   bool
	active sync.WaitGroup
	ctx    context.Context // of every stream; ends when Stop loses patience
	cancel context.CancelFunc
}

// NewServer wires a server; it serves nobody before Start.
func NewServer(h host.Host, chainID string, store blob.Store, gate Gate, opts ...Option) (*Server, error) {
	if h == nil || store == nil || gate == nil {
		return nil, fmt.Errorf("transfer server: %w: host, store and gate are needed", pdx.ErrInvalid)
	}
	if err := checkChainID(chainID); err != nil {
		return nil, err
	}
	s := &Server{options: newOptions(opts), host: h, protocol: Protocol(chainID), many: ManyProtocol(chainID), store: store, gate: gate}
	s.rates = newRates[netip.Prefix](s.limits.rate, s.limits.burst, s.limits.addresses)
	s.noes = newRates[peer.ID](s.limits.rate, s.limits.burst, s.limits.addresses)
	s.doors = &doors{most: s.limits.readers}
	s.queue = newQueue(s.limits)
	s.throttle = newThrottle(s.upload, func(rate uint64) { s.queue.resize(s.limits.placesAt(rate)) })
	s.serves = &serves{of: s.activities, live: make(map[served]*sending)}
	return s, nil
}

// Start takes streams until Stop; a second Start before that is
// pdx.ErrWrongState. The end of ctx does not stop the server.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return fmt.Errorf("start transfer server: %w: already started", pdx.ErrWrongState)
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.open = true
	s.host.SetStreamHandler(s.protocol, func(stream network.Stream) { s.handle(stream, oneBlob) })
	s.host.SetStreamHandler(s.many, func(stream network.Stream) { s.handle(stream, manyBlobs) })
	return nil
}

// Stop takes no more streams, lets those in hand finish until ctx ends or a few
// seconds have passed, resets the rest and waits for them. Stopping again, or
// what never started, does nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	if !s.open {
		s.mu.Unlock()
		s.active.Wait() // another Stop may be at work
		return nil
	}
	s.open = false
	s.host.RemoveStreamHandler(s.protocol)
	s.host.RemoveStreamHandler(s.many)
	cancel := s.cancel
	s.mu.Unlock()

	ctx, done := context.WithTimeout(ctx, s.limits.graceTime)
	defer done()
	stopped := make(chan struct{})
	go func() { s.active.Wait(); close(stopped) }()
	select {
	case <-stopped:
	case <-ctx.Done():
	}
	cancel() // resets what is left
	<-stopped
	return nil
}

// SetUpload changes how fast all pullers together are sent to, those that are
// being served included.
func (s *Server) SetUpload(u Upload) { s.throttle.set(u) }

// begin counts a stream in; it is false when the server is stopping.
func (s *Server) begin() (context.Context, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		s.active.Add(1)
	}
	return s.ctx, s.open
}

func (s *Server) handle(stream network.Stream, k kind) {
	ctx, ok := s.begin()
	if !ok {
		_ = stream.ResetWithError(network.StreamShutdown)
		return
	}
	defer s.active.Done()
	s.metrics.serving.Inc()
	defer s.metrics.serving.Dec()
	newServing(s, stream, k).run(ctx)
}
