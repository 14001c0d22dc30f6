package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// upload is one stream being served: one request after another.
type upload struct {
	server  *Server
	stream  *stream.ServerStream
	log     *slog.Logger
	out     *bufio.Writer // while something is sent
	hasBody bool          // the memory of a body is reserved
	allowed time.Time
	allows  pdx.ContentID
	sent    uint64
	hold    *connmgr.Hold // from the first request for bytes that was allowed; nil before

	answered bool // a request
	kind     kind
	many     *manyUpload // of a stream for many blobs, from the first that is sent
}

// kind is what a protocol asks, and how that is answered.
type kind struct {
	message func() proto.Message
	serve   func(*upload, context.Context, proto.Message) (transferpb.Code, error)
}

// protect keeps the puller connected while it takes bytes, to the end of the stream: a
// pull has short pauses between its requests.
func (u *upload) protect() {
	if u.hold == nil {
		u.hold = u.stream.Transfer()
	}
	u.hold.Moved()
}

// oneBlob is the protocol that moves parts of a blob.
var oneBlob = kind{
	message: func() proto.Message { return new(transferpb.Request) },
	serve: func(u *upload, ctx context.Context, m proto.Message) (transferpb.Code, error) {
		return u.serve(ctx, m.(*transferpb.Request))
	},
}

func (s *Server) handler(k kind) stream.Handler {
	return func(ctx context.Context, st *stream.ServerStream) error {
		s.metrics.serving.Inc()
		defer s.metrics.serving.Dec()
		u := &upload{server: s, stream: st, kind: k, log: s.log.With("peer_id", st.Peer())}
		defer u.endMany()
		defer func() { u.hold.End() }()
		return u.run(ctx)
	}
}

// run serves one request after another. A nil error means that the puller has all of
// its answers.
func (u *upload) run(ctx context.Context) error {
	start := time.Now()
	if u.stream.Conn().Stat().Limited {
		u.server.metrics.requestDone(outcomeOfFailure(errNoRelay), start)
		return errNoRelay
	}
	for {
		more, err := u.next(ctx)
		if err != nil || !more {
			u.log.Debug("blob stream done", "bytes", u.sent, "duration", time.Since(start), "error", err)
			return err
		}
	}
}

// next serves one request; false when it was the last.
func (u *upload) next(ctx context.Context) (more bool, err error) {
	start := time.Now()
	m, err := u.read()
	if errors.Is(err, errNoMore) {
		return false, nil
	}
	var code transferpb.Code
	if err == nil {
		code, err = u.kind.serve(u, ctx, m)
	}
	if err != nil {
		u.server.metrics.requestDone(outcomeOfFailure(err), start)
		return false, err
	}
	u.server.metrics.requestDone(outcomeOf(code), start)
	u.answered = true
	return code == transferpb.Code_CODE_OK, nil
}

// outcomeOfFailure is the label of an error that resets the stream.
func outcomeOfFailure(err error) string {
	switch {
	case errors.Is(err, errNoRelay):
		return "relayed"
	case errors.Is(err, stream.ErrStopped):
		return "cut_off"
	case stream.IsSlow(err):
		return "too_slow"
	case errors.Is(err, errFrame):
		return "bad_frame"
	case errors.Is(err, pdx.ErrCorrupt):
		return "rotten" // our own bytes
	default:
		return "cut_off"
	}
}

var (
	// errFrame: what the puller sent is not a request frame.
	errFrame = errors.New("not a request")
	// errNoMore: no further request comes on the stream.
	errNoMore = errors.New("no more requests")
)

// past is a deadline that ends a write under way.
var past = time.Unix(1, 0)

// serve does the work in the order that costs least when it is refused. A nil
// error means that the puller has its answer, code.
func (u *upload) serve(ctx context.Context, m *transferpb.Request) (transferpb.Code, error) {
	q, err := parseRequest(m)
	if err != nil {
		return u.answer(transferpb.Code_CODE_BAD_REQUEST)
	}
	if !u.token() {
		return u.answer(transferpb.Code_CODE_BUSY)
	}
	if err := u.allow(ctx, q); err != nil {
		u.no(1, true)
		u.log.Debug("blob request not allowed", "cid", q.id, "error", err)
		return u.answer(codeOf(err))
	}
	b, err := u.open(ctx, q)
	if err != nil {
		u.no(1, true)
		if codeOf(err) == transferpb.Code_CODE_FAILED {
			u.log.Error("blob cannot be served", "cid", q.id, "error", err)
		}
		return u.answer(codeOf(err))
	}
	defer b.Close()
	return u.send(ctx, b, q)
}

// read takes the next request frame: errFrame, errNoMore after the first, or what the
// stream says. Until it is there the stream is pending, for anybody can open one.
func (u *upload) read() (proto.Message, error) {
	entry := u.server.pending.enter(func() { u.stream.Interrupt(stream.ErrSlow) })
	defer u.server.pending.leave(entry)
	if u.answered && u.stream.Await(u.server.limits.requestTime) != nil {
		return nil, errNoMore // it has its answers, and closed, left, or thinks for too long
	}
	m := u.kind.message()
	return m, u.stream.ReadFrame(m, u.server.limits.requestTime)
}

// allow asks the authorizer; its yes holds for the requests that follow soon on the
// same stream.
func (u *upload) allow(ctx context.Context, q request) error {
	if u.allows == q.id && time.Since(u.allowed) < u.server.limits.allowTime {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, u.server.limits.authorizeTime)
	defer cancel()
	err := u.authorize(ctx, q.id)
	if err == nil {
		u.allows, u.allowed = q.id, time.Now()
	}
	return err
}

func (u *upload) authorize(ctx context.Context, id pdx.ContentID) error {
	err := u.server.authorizer.Allow(ctx, u.stream.Peer(), id)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: the authorizer did not answer: %w", pdx.ErrUnavailable, err)
	}
	return err
}

// open is the blob, if it has all that is asked for.
func (u *upload) open(ctx context.Context, q request) (blob.Blob, error) {
	b, err := u.server.store.Open(ctx, q.id)
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
func (u *upload) answer(code transferpb.Code) (transferpb.Code, error) {
	m := &transferpb.Status{Code: code}
	if code == transferpb.Code_CODE_BUSY {
		m.RetryAfterMs = uint32(u.server.limits.retryAfter.Milliseconds())
	}
	return code, u.stream.WriteFrame(m, u.server.limits.answerTime)
}
