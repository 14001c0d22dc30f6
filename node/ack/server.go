package ack

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

// Handler is the seller behind the server.
type Handler interface {
	// Take checks a voucher that a peer handed over and keeps it; nil when it is on
	// disk. pdx.ErrRefused, pdx.ErrInvalid and pdx.ErrWrongState refuse it for
	// good; after every other error it may come again.
	Take(ctx context.Context, from peer.ID, deal pdx.DealID, v pdx.AckVoucher) error
}

// Server takes vouchers.
type Server struct {
	host    host.Host
	chainID string
	handler Handler
	log     *slog.Logger

	mu      sync.Mutex // guards the rest
	accept  bool
	work    context.Context
	stop    context.CancelFunc
	busy    int
	each    map[peer.ID]int
	streams sync.WaitGroup
}

// NewServer is a server on a chain that answers nothing until Start.
func NewServer(h host.Host, chainID string, handler Handler, log *slog.Logger) (*Server, error) {
	if h == nil || handler == nil || chainID == "" || log == nil {
		return nil, fmt.Errorf("ack server: %w: it wants a host, a chain, a handler and a log", pdx.ErrInvalid)
	}
	return &Server{host: h, chainID: chainID, handler: handler, log: log, each: map[peer.ID]int{}}, nil
}

// Start begins to take vouchers, until Stop and not until ctx ends.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accept {
		return fmt.Errorf("start ack server: %w: it runs already", pdx.ErrWrongState)
	}
	s.work, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.accept = true
	s.host.SetStreamHandler(Protocol(s.chainID), s.onStream)
	return nil
}

// Stop ends what is in hand and waits for it, at most until ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	if s.accept {
		s.accept = false
		s.host.RemoveStreamHandler(Protocol(s.chainID))
		s.stop()
	}
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() { s.streams.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop ack server: handlers still at work: %w", ctx.Err())
	}
}

// onStream owns the stream from here on; libp2p gives it a goroutine.
func (s *Server) onStream(stream network.Stream) {
	defer func() {
		if panicked := recover(); panicked != nil {
			s.log.Error("ack handler panicked", slog.Any("panic", panicked), slog.String("stack", string(debug.Stack())))
			_ = stream.ResetWithError(network.StreamShutdown)
		}
	}()
	leave, code := s.enter(stream)
	if code != network.StreamNoError {
		_ = stream.ResetWithError(code)
		return
	}
	defer leave()
	if err := s.serve(stream); err != nil {
		s.log.Debug("ack not understood", slog.String("peer_id", stream.Conn().RemotePeer().String()), slog.Any("error", err))
		_ = stream.ResetWithError(network.StreamProtocolViolation)
		return
	}
	_ = stream.Close()
}

// enter gives the stream a place, or says why there is none.
func (s *Server) enter(stream network.Stream) (leave func(), code network.StreamErrorCode) {
	if err := stream.Scope().SetService(serviceName); err != nil {
		return nil, network.StreamResourceLimitExceeded
	}
	from := stream.Conn().RemotePeer()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.accept:
		return nil, network.StreamShutdown
	case s.busy >= places || s.each[from] >= placesEach:
		return nil, network.StreamRateLimited
	}
	if err := stream.Scope().ReserveMemory(2*maxFrame, network.ReservationPriorityAlways); err != nil {
		return nil, network.StreamResourceLimitExceeded
	}
	s.busy++
	s.each[from]++
	s.streams.Add(1)
	return func() {
		stream.Scope().ReleaseMemory(2 * maxFrame)
		s.depart(from)
	}, network.StreamNoError
}

func (s *Server) depart(from peer.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	if s.each[from]--; s.each[from] == 0 {
		delete(s.each, from)
	}
	s.streams.Done()
}

// serve reads one handover and answers it; an error is the peer's.
func (s *Server) serve(stream network.Stream) error {
	_ = stream.SetReadDeadline(time.Now().Add(readTimeout))
	var m ackpb.Handover
	if err := read(stream, &m); err != nil {
		return err
	}
	deal, v, err := decode(&m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.work, takeTimeout)
	defer cancel()
	taken := s.handler.Take(ctx, stream.Conn().RemotePeer(), deal, v)
	s.log.Debug("ack handed over", slog.Uint64("deal_id", uint64(deal)), slog.String("peer_id", stream.Conn().RemotePeer().String()), slog.Any("error", taken))
	_ = stream.SetWriteDeadline(time.Now().Add(readTimeout))
	return write(stream, &ackpb.Answer{Outcome: outcomeOf(taken)})
}
