package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/internal/addrgroup"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// serve owns the stream from here on; libp2p gives it a goroutine.
func (s *Server) serve(values context.Context, raw network.Stream, handle Handler) {
	stream := &ServerStream{
		Stream: newStream(raw, s.cfg.Limits.Frame, s.explain), server: s, group: addrgroup.Of(raw.Conn().RemoteMultiaddr()),
	}
	if !s.begin(stream) {
		_ = raw.ResetWithError(s.cfg.Kinds.CodeOf(ErrStopped))
		return
	}
	defer s.end(stream)
	ctx, cancel := context.WithCancel(values)
	defer cancel()
	defer context.AfterFunc(s.cut, func() {
		cancel()
		_ = raw.ResetWithError(s.cfg.Kinds.CodeOf(ErrStopped))
	})()
	began := time.Now()
	err := s.handle(ctx, stream, handle)
	s.finish(stream, err)
	if reason := reasonOf(err); reason != "" {
		s.cfg.Metrics.dropped(s.cfg.Service, reason)
		if s.cfg.Dropped != nil {
			s.cfg.Dropped(err, time.Since(began))
		}
	}
}

// explain gives wrong bytes the protocol's error. Others decide a reset code as they
// are.
func (s *Server) explain(err error) error {
	if errors.Is(err, ErrFrame) {
		return fmt.Errorf("%w: %w", s.cfg.Kinds.Frame, err)
	}
	return err
}

// handle admits the stream and runs its handler. A panic is an error.
func (s *Server) handle(ctx context.Context, stream *ServerStream, handle Handler) (err error) {
	defer recovered(s.cfg.Log, stream.Stream, &err)
	leave, err := s.admit(stream)
	if err != nil {
		return err
	}
	defer leave()
	return handle(ctx, stream)
}

// admit takes what a stream costs, in the order of what is cheapest to refuse.
func (s *Server) admit(stream *ServerStream) (leave func(), err error) {
	l := s.cfg.Limits
	if err := stream.Scope().SetService(s.cfg.Service); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoMemory, err)
	}
	if !s.pay(stream) {
		return nil, ErrRateLimited
	}
	id := stream.Peer()
	if !s.slots.take(id, stream.group) {
		return nil, ErrNoSlot
	}
	if err := stream.Scope().ReserveMemory(l.Memory, cmp.Or(l.Priority, network.ReservationPriorityAlways)); err != nil {
		s.slots.give(id, stream.group)
		return nil, fmt.Errorf("%w: %w", ErrNoMemory, err)
	}
	return func() {
		stream.Scope().ReleaseMemory(l.Memory)
		s.slots.give(id, stream.group)
	}, nil
}

// pay takes the tokens of a new stream. A group that is over its rate takes none of
// the tokens of all.
func (s *Server) pay(stream *ServerStream) bool {
	l, now := s.cfg.Limits, time.Now()
	return l.Cost == 0 || (l.Rate == ratelimit.Rate{} || s.groups.Allow(stream.group, l.Cost, now)) &&
		(l.TotalRate == ratelimit.Rate{} || s.total.Allow(struct{}{}, l.Cost, now))
}

// finish closes the stream, or resets it with the code of err.
func (s *Server) finish(stream *ServerStream, err error) {
	if s.cfg.Full != nil && (errors.Is(err, ErrNoSlot) || errors.Is(err, ErrNoMemory)) {
		err = s.cfg.Full(stream)
	}
	if err == nil {
		_ = stream.SetDeadline(time.Now().Add(closeTime)) // Close can wait for the peer
		err = stream.Close()
	}
	if err == nil {
		return
	}
	_ = stream.ResetWithError(s.cfg.Kinds.CodeOf(err))
	s.cfg.Log.Debug("stream reset", slog.String("peer_id", stream.Peer().String()), slog.Any("error", err))
}

// recovered makes a panic the error of what panicked.
func recovered(log *slog.Logger, stream *Stream, err *error) {
	if p := recover(); p != nil {
		log.Error("panic while a stream was served", slog.String("peer_id", stream.Peer().String()),
			slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		*err = ErrPanic
	}
}
