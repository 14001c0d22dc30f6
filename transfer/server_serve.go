package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// serving is one stream being served: one request after another.
type serving struct {
	*Server
	stream  network.Stream
	puller  peer.ID
	address netip.Prefix
	log     *slog.Logger
	in      *bufio.Reader
	out     *bufio.Writer // while something is sent
	hasBody bool          // the memory of a body is reserved
	allowed time.Time
	allows  pdx.ContentID
	sent    uint64

	answered bool // a request
	kind     kind
	many     *manySending // of a stream for many blobs, from the first that is sent
}

// kind is what a protocol asks, and how that is answered.
type kind struct {
	message func() proto.Message
	serve   func(*serving, context.Context, proto.Message) (transferpb.Code, error)
}

// oneBlob is the protocol that moves parts of a blob.
var oneBlob = kind{
	message: func() proto.Message { return new(transferpb.Request) },
	serve: func(v *serving, ctx context.Context, m proto.Message) (transferpb.Code, error) {
		return v.serve(ctx, m.(*transferpb.Request))
	},
}

func newServing(s *Server, stream network.Stream, k kind) *serving {
	puller := stream.Conn().RemotePeer()
	return &serving{
		Server: s, stream: stream, puller: puller, log: s.log.With("peer_id", puller),
		in: bufio.NewReaderSize(stream, MaxFrame), kind: k,
	}
}

// run serves the stream and ends it, whatever happens: closed when the puller
// got its answers, reset with a code when not.
func (v *serving) run(ctx context.Context) {
	start, outcome := time.Now(), "panic"
	stop := context.AfterFunc(ctx, func() { _ = v.stream.ResetWithError(network.StreamShutdown) })
	defer stop()
	defer v.endMany()
	defer func() {
		if p := recover(); p != nil {
			v.metrics.panics.Inc()
			v.log.Error("panic while serving a blob", "panic", p, "stack", string(debug.Stack()))
			_ = v.stream.Reset()
			v.metrics.requestDone(outcome, start)
		}
		v.log.Debug("blob stream done", "outcome", outcome, "bytes", v.sent, "duration", time.Since(start))
	}()
	if err := v.admit(); err != nil {
		outcome = v.finish(0, err)
		v.metrics.requestDone(outcome, start)
		return
	}
	for more := true; more; {
		start = time.Now()
		outcome, more = v.next(ctx, start)
	}
}

// next serves one request; false when it was the last. The outcome is a label.
func (v *serving) next(ctx context.Context, start time.Time) (outcome string, more bool) {
	m, err := v.read(v.answered)
	if errors.Is(err, errNoMore) {
		return v.finish(transferpb.Code_CODE_OK, nil), false
	}
	var code transferpb.Code
	if err == nil {
		code, err = v.kind.serve(v, ctx, m)
	}
	if err == nil && code == transferpb.Code_CODE_OK {
		outcome, more, v.answered = outcomeOf(code), true, true
	} else {
		outcome = v.finish(code, err)
	}
	v.metrics.requestDone(outcome, start)
	return outcome, more
}

// finish closes or resets the stream and is the outcome as a label.
func (v *serving) finish(code transferpb.Code, err error) string {
	if err == nil {
		_ = v.stream.SetDeadline(time.Now().Add(v.limits.answerTime)) // Close can wait for the puller
		if err = v.stream.Close(); err == nil {
			return outcomeOf(code)
		}
	}
	reset, outcome := resetOf(err)
	_ = v.stream.ResetWithError(reset)
	v.log.Debug("blob stream reset", "outcome", outcome, "error", err)
	return outcome
}

// errSlow: the peer did not keep up.
var errSlow = errors.New("too slow")

// resetOf is the code with which a stream is reset for err, and its label.
func resetOf(err error) (network.StreamErrorCode, string) {
	switch {
	case errors.Is(err, errNoRelay):
		return network.StreamGated, "relayed"
	case errors.Is(err, errNoRoom):
		return network.StreamResourceLimitExceeded, "no_room"
	case errors.Is(err, errSlow), timedOut(err):
		return network.StreamResourceLimitExceeded, "too_slow"
	case errors.Is(err, errFrame):
		return network.StreamProtocolViolation, "bad_frame"
	case errors.Is(err, pdx.ErrCorrupt):
		return network.StreamNoError, "rotten" // our own bytes
	default:
		return network.StreamNoError, "cut_off"
	}
}

// timedOut: yamux and QUIC each have an error of their own for a deadline.
func timedOut(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}

// errFrame: what the puller sent is not a request frame.
var errFrame = errors.New("not a request")

// past is a deadline that ends a read or a write under way.
var past = time.Unix(1, 0)

// errNoMore: no further request comes on the stream.
var errNoMore = errors.New("no more requests")

// serve does the work in the order that costs least when it is refused. A nil
// error means that the puller has its answer, code.
func (v *serving) serve(ctx context.Context, m *transferpb.Request) (transferpb.Code, error) {
	q, err := parseRequest(m)
	if err != nil {
		return v.answer(transferpb.Code_CODE_BAD_REQUEST)
	}
	if !v.token() {
		return v.answer(transferpb.Code_CODE_BUSY)
	}
	if err := v.allow(ctx, q); err != nil {
		v.no(1, true)
		v.log.Debug("blob request not allowed", "cid", q.id, "error", err)
		return v.answer(codeOf(err))
	}
	b, err := v.open(ctx, q)
	if err != nil {
		v.no(1, true)
		if codeOf(err) == transferpb.Code_CODE_FAILED {
			v.log.Error("blob cannot be served", "cid", q.id, "error", err)
		}
		return v.answer(codeOf(err))
	}
	defer b.Close()
	return v.send(ctx, b, q)
}

// read takes the next request frame: errFrame, errNoMore after the first, or
// what the stream says. Until it is there the stream stands among the doors, for
// anybody can open one.
func (v *serving) read(later bool) (proto.Message, error) {
	if err := v.stream.SetReadDeadline(time.Now().Add(v.limits.requestTime)); err != nil {
		return nil, fmt.Errorf("set deadline: %w", err)
	}
	door := v.doors.enter(func() { _ = v.stream.SetReadDeadline(past) })
	defer v.doors.leave(door)
	if _, err := v.in.Peek(1); err != nil && later {
		return nil, errNoMore // it has its answers, and closed, left, or thinks for too long
	}
	m := v.kind.message()
	err := readFrame(v.in, m)
	if errors.Is(err, pdx.ErrCorrupt) {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	return m, err
}

// allow asks the gate; its yes holds for the requests that follow soon on the
// same stream.
func (v *serving) allow(ctx context.Context, q request) error {
	if v.allows == q.id && time.Since(v.allowed) < v.limits.allowTime {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, v.limits.gateTime)
	defer cancel()
	err := v.askGate(ctx, q.id)
	if err == nil {
		v.allows, v.allowed = q.id, time.Now()
	}
	return err
}

func (v *serving) askGate(ctx context.Context, id pdx.ContentID) error {
	err := v.gate.Allow(ctx, v.puller, id)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: the gate did not answer: %w", pdx.ErrUnavailable, err)
	}
	return err
}

// open is the blob, if it has all that is asked for.
func (v *serving) open(ctx context.Context, q request) (blob.Blob, error) {
	b, err := v.store.Open(ctx, q.id)
	if err != nil {
		return nil, err
	}
	if err := q.within(b.Size()); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

// answer writes a status that is not OK.
func (v *serving) answer(code transferpb.Code) (transferpb.Code, error) {
	m := &transferpb.Status{Code: code}
	if code == transferpb.Code_CODE_BUSY {
		m.RetryAfterMs = uint32(v.limits.retryAfter.Milliseconds())
	}
	_ = v.stream.SetDeadline(time.Now().Add(v.limits.answerTime))
	return code, writeFrame(v.stream, m)
}
