package validation

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

// serve handles one stream; its order of work is the package's.
func (s *Server) serve(work context.Context, stream network.Stream) {
	asker := stream.Conn().RemotePeer()
	log := s.log.With(slog.String("peer_id", asker.String()))
	defer func() {
		if panicked := recover(); panicked != nil {
			s.metrics.ended(outcomePanic)
			log.Error("validation handler panicked", slog.Any("panic", panicked), slog.String("stack", string(debug.Stack())))
			_ = stream.ResetWithError(network.StreamShutdown)
		}
	}()
	if code := s.enter(stream); code != network.StreamNoError {
		s.metrics.ended(outcomeLimited)
		_ = stream.ResetWithError(code)
		return
	}
	defer stream.Scope().ReleaseMemory(maxProgress)

	r := bufio.NewReaderSize(stream, maxRequest)
	_ = stream.SetReadDeadline(time.Now().Add(s.timing.request))
	request, err := readRequest(r)
	if err != nil {
		s.metrics.ended(outcomeInvalid)
		log.Debug("validation request not understood", slog.Any("error", err))
		_ = stream.ResetWithError(network.StreamProtocolViolation)
		return
	}
	_ = stream.SetReadDeadline(time.Time{})
	ctx, gone := context.WithCancel(work)
	watched := watch(r, gone)
	outcome, told := s.answer(ctx, work, stream, asker, request)
	s.metrics.ended(outcome)
	log.Debug("validation answered", slog.Uint64("deal_id", uint64(request.Deal)), slog.String("outcome", outcome))
	if told {
		handOver(stream, s.timing.request, watched)
	} else {
		_ = stream.ResetWithError(network.StreamShutdown)
	}
	<-watched
}

// enter takes the stream into the service's scope and under its limits.
func (s *Server) enter(stream network.Stream) network.StreamErrorCode {
	if err := stream.Scope().SetService(serviceName); err != nil {
		return network.StreamResourceLimitExceeded
	}
	if !s.limiter.allow(stream.Conn().RemoteMultiaddr()) {
		return network.StreamRateLimited
	}
	if err := stream.Scope().ReserveMemory(maxProgress, network.ReservationPriorityAlways); err != nil {
		return network.StreamResourceLimitExceeded
	}
	return network.StreamNoError
}

func readRequest(r *bufio.Reader) (Request, error) {
	var m validationpb.Request
	if err := readFrame(r, maxRequest, &m); err != nil {
		return Request{}, err
	}
	return decodeRequest(&m)
}

// watch calls gone when the asker closes, resets or says anything more: it has
// nothing to say. The channel is closed when the watch is over, which is at the
// latest when the stream is reset.
func watch(r *bufio.Reader, gone func()) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = r.ReadByte()
		gone()
	}()
	return over
}

// handOver ends the stream after its last frame. The asker resets once it has
// that, which the watch sees; one that does not is cut off.
func handOver(stream network.Stream, patience time.Duration, watched <-chan struct{}) {
	_ = stream.SetDeadline(time.Now().Add(patience))
	_ = stream.CloseWrite()
	<-watched
	_ = stream.Reset()
}

// answer admits, queues and runs a request and sends what comes of it; told says
// that it did. ctx ends when the asker leaves, work only when the server stops.
func (s *Server) answer(ctx, work context.Context, stream network.Stream, asker peer.ID, request Request) (outcome string, told bool) {
	out := newSender(stream, s.timing, s.queue.perAsker)
	defer out.stop() // when the handler panics
	verdict, err := s.validate(ctx, asker, request, out)
	out.stop()
	switch {
	case ctx.Err() != nil || out.failed():
		if pending := out.pending(); pending != nil && work.Err() == nil { // it left with what it wanted
			return outcomeOfVerdict(*pending), false
		}
		return outcomeGone, false
	case err != nil:
		out.final(encodeFailure(err, s.queue.perAsker))
		return outcomeOf(err), true
	}
	out.final(encodeDone(verdict))
	return outcomeOfVerdict(verdict), true
}

func (s *Server) validate(ctx context.Context, asker peer.ID, request Request, out *sender) (pdx.Verdict, error) {
	if err := s.admit(ctx, asker, request); err != nil {
		return pdx.Verdict{}, err
	}
	place, err := s.queue.enter(asker, request.Deal)
	if err != nil {
		return pdx.Verdict{}, err
	}
	defer place.leave()
	asked := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out.progress(pdx.Progress{Stage: pdx.StageQueued}) // before the first repetition could be sent
	out.start(cancel)
	if err := place.wait(ctx); err != nil {
		return pdx.Verdict{}, fmt.Errorf("wait for a place: %w", err)
	}
	verdict, err := s.handler.Validate(ctx, asker, request, func(p pdx.Progress) {
		if p.Stage == pdx.StageCertifying {
			place.settle()
		}
		out.progress(p)
	})
	left := asked.Err() != nil && out.pending() != nil // with a verdict
	if place.concluded() && (err == nil || left) {
		s.limiter.refund(out.stream.Conn().RemoteMultiaddr())
	}
	return verdict, err
}

func (s *Server) admit(ctx context.Context, asker peer.ID, request Request) error {
	ctx, cancel := context.WithTimeout(ctx, admitTimeout)
	defer cancel()
	return s.handler.Admit(ctx, asker, request.Deal)
}
