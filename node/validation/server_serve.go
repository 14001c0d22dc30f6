package validation

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// serve handles one stream; its order of work is the package's.
func (s *server) serve(ctx context.Context, st *stream.ServerStream) error {
	request, err := s.read(st)
	if err != nil {
		s.metrics.ended(outcomeInvalid)
		return err
	}
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	left := watch(st, gone)
	defer func() { st.Interrupt(errGone); <-left }()
	outcome, answered := s.answer(ctx, st, request)
	s.metrics.ended(outcome)
	s.log.Debug("validation answered", slog.Uint64("deal_id", uint64(request.Deal)),
		slog.String("peer_id", st.Peer().String()), slog.String("outcome", outcome))
	switch {
	case answered:
		return handOver(st, s.timing.request, left)
	case st.Stopping().Err() != nil:
		return stream.ErrStopped
	}
	return errGone
}

func (s *server) read(st *stream.ServerStream) (Request, error) {
	var m validationpb.Request
	if err := st.ReadFrame(&m, s.timing.request); err != nil {
		return Request{}, err
	}
	return decodeRequest(&m)
}

// watch calls gone when the asker closes, resets or says anything more, as it has
// nothing to say, and when the server stops. The channel is closed when the watch is
// over.
func watch(st *stream.ServerStream, gone func()) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = st.ReadByte()
		gone()
	}()
	return over
}

// handOver waits until the asker has taken the last frame and left. One that does
// not leave is cut off.
func handOver(st *stream.ServerStream, patience time.Duration, left <-chan struct{}) error {
	_ = st.CloseWrite()
	end := time.NewTimer(patience)
	defer end.Stop()
	select {
	case <-left:
		return nil
	case <-end.C:
		return errGone
	}
}

// answer admits and runs a request and sends what comes of it; answered reports
// whether it did. ctx ends when the asker leaves or the server stops.
func (s *server) answer(ctx context.Context, st *stream.ServerStream, request Request) (outcome string, answered bool) {
	out := newSender(st, s.timing, s.slots)
	defer out.stop() // when the handler panics
	verdict, err := s.validate(ctx, st, request, out)
	out.stop()
	switch {
	case ctx.Err() != nil || out.failed():
		if pending := out.pending(); pending != nil && st.Stopping().Err() == nil { // it left with what it wanted
			return outcomeOfVerdict(*pending), false
		}
		return outcomeGone, false
	case err != nil:
		out.final(encodeFailure(err, s.slots))
		return outcomeOf(err), true
	}
	out.final(encodeDone(verdict))
	return outcomeOfVerdict(verdict), true
}

// validate has the handler work on the request. One that brought about a verdict gets
// its token back: the deal cost its seller a deposit.
func (s *server) validate(asked context.Context, st *stream.ServerStream, request Request, out *sender) (pdx.Verdict, error) {
	asker, err := s.admit(asked, st, request)
	if err != nil {
		return pdx.Verdict{}, err
	}
	defer st.Serve().End()
	ctx, cancel := context.WithCancel(asked)
	defer cancel()
	out.progress(pdx.Progress{Stage: pdx.StageQueued}) // before the first repetition could be sent
	out.start(cancel)
	var concluded atomic.Bool
	verdict, err := s.handler.Validate(ctx, asker, request, func(p pdx.Progress) {
		if p.Stage == pdx.StageCertifying {
			concluded.Store(true)
		}
		out.progress(p)
	})
	leftWithVerdict := asked.Err() != nil && out.pending() != nil
	if concluded.Load() && (err == nil || leftWithVerdict) {
		st.Charge(-1)
	}
	return verdict, err
}

func (s *server) admit(ctx context.Context, st *stream.ServerStream, request Request) (Asker, error) {
	ctx, cancel := context.WithTimeout(ctx, admitTimeout)
	defer cancel()
	account, err := st.Account(ctx)
	if err != nil {
		return Asker{}, fmt.Errorf("who is asking: %w", err)
	}
	asker := Asker{Peer: st.Peer(), Account: account}
	return asker, s.handler.Admit(ctx, asker, request.Deal)
}
