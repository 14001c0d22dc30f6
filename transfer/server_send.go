package transfer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// send writes the status and the slices.
func (u *upload) send(ctx context.Context, b blob.Blob, q request) (transferpb.Code, error) {
	if len(q.runs) == 0 {
		m := &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: b.Size()}
		return transferpb.Code_CODE_OK, u.stream.WriteFrame(m, u.server.limits.answerTime)
	}
	u.protect()
	seen := u.server.uploads.begin(u.stream.Peer(), q.id, b.Size(), u.stream.Conn())
	defer u.server.uploads.end(u.stream.Peer(), q.id)
	seen.Because(activity.ReasonQueued)
	grant := u.await(ctx)
	if grant == nil {
		return u.answer(transferpb.Code_CODE_BUSY)
	}
	defer u.server.queue.give(grant)
	seen.Because(activity.ReasonNone)
	paced := &pacedWriter{upload: u, ctx: ctx, grant: grant, seen: seen, end: time.Now().Add(u.server.limits.bodyTime(q.bytes(b.Size())))}
	defer u.body(paced)()
	if err := stream.WriteFrame(u.out, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: b.Size()}); err != nil {
		return 0, err
	}
	for _, run := range q.runs {
		if err := b.WriteSlice(u.out, run); err != nil {
			return 0, fmt.Errorf("send segments %v: %w", run, err)
		}
	}
	if err := u.out.Flush(); err != nil {
		return 0, fmt.Errorf("send segments: %w", err)
	}
	u.server.queue.used(grant)
	return transferpb.Code_CODE_OK, nil
}

// bodies are the buffers between slices and streams. Only who has something to send
// has one.
var bodies = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, writeStep) }}

// body buffers what is written to to, until the function that it returns is called.
func (u *upload) body(to io.Writer) (done func()) {
	u.out = bodies.Get().(*bufio.Writer)
	u.out.Reset(to)
	return func() {
		u.out.Reset(nil)
		bodies.Put(u.out)
		u.out = nil
	}
}

// pacedWriter holds to the upload limit, gives the puller stallTime for each
// write, and the whole body an end: who does not read, or hardly, loses the
// stream.
type pacedWriter struct {
	upload *upload
	ctx    context.Context //nolint:containedctx // of the body, whose writers take none
	grant  *grant
	seen   *uploadActivity
	end    time.Time
}

// Write sends p, which may be longer than the upload limit lets through at once.
func (w *pacedWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var k int
		k, err = w.step(p[:min(len(p), writeStep)])
		n, p = n+k, p[k:]
	}
	return n, err
}

func (w *pacedWriter) step(p []byte) (int, error) {
	waited, err := w.upload.server.throttle.wait(w.ctx, len(p))
	if err != nil {
		return 0, fmt.Errorf("wait for the upload limit: %w", err)
	}
	w.end = w.end.Add(waited) // that was not the puller's time
	now := time.Now()
	if !now.Before(w.end) {
		return 0, stream.ErrSlow
	}
	deadline := now.Add(w.upload.server.limits.stallTime)
	if deadline.After(w.end) {
		deadline = w.end
	}
	if err := w.upload.stream.SetWriteDeadline(deadline); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	w.grant.block(true)
	n, err := w.upload.stream.Write(p)
	w.grant.block(false)
	if n > 0 {
		w.upload.hold.Moved()
	}
	w.seen.sentBytes(n, waited, time.Since(now))
	w.upload.sent += uint64(n)
	w.upload.server.metrics.servedBytes.Add(float64(n))
	return n, err
}
