package transfer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// send writes the status and the slices.
func (v *serving) send(ctx context.Context, b blob.Blob, q request) (transferpb.Code, error) {
	if len(q.runs) == 0 {
		_ = v.stream.SetWriteDeadline(time.Now().Add(v.limits.answerTime))
		return transferpb.Code_CODE_OK, writeFrame(v.stream, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: b.Size()})
	}
	seen := v.serves.begin(v.puller, q.id, b.Size(), v.stream.Conn())
	defer v.serves.end(v.puller, q.id)
	seen.because(ReasonQueued)
	turn := v.turn(ctx)
	if turn == nil {
		return v.answer(transferpb.Code_CODE_BUSY)
	}
	defer v.queue.give(turn)
	seen.because(ReasonNone)
	paced := &pacedWriter{serving: v, ctx: ctx, turn: turn, seen: seen, end: time.Now().Add(v.limits.bodyTime(q.bytes(b.Size())))}
	defer v.body(paced)()
	if err := writeFrame(v.out, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: b.Size()}); err != nil {
		return 0, err
	}
	for _, run := range q.runs {
		if err := b.WriteSlice(v.out, run); err != nil {
			return 0, fmt.Errorf("send segments %v: %w", run, err)
		}
	}
	if err := v.out.Flush(); err != nil {
		return 0, fmt.Errorf("send segments: %w", err)
	}
	v.queue.used(turn)
	return transferpb.Code_CODE_OK, nil
}

// bodies are the buffers between slices and streams. Only who has something to send
// has one.
var bodies = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, writeStep) }}

// body buffers what is written to to, until the function that it returns is called.
func (v *serving) body(to io.Writer) (done func()) {
	v.out = bodies.Get().(*bufio.Writer)
	v.out.Reset(to)
	return func() {
		v.out.Reset(nil)
		bodies.Put(v.out)
		v.out = nil
	}
}

// pacedWriter holds to the upload limit, gives the puller stallTime for each
// write, and the whole body an end: who does not read, or hardly, loses the
// stream.
type pacedWriter struct {
	*serving
	ctx  context.Context
	turn *turn
	seen *sending
	end  time.Time
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
	waited, err := w.throttle.wait(w.ctx, len(p))
	if err != nil {
		return 0, fmt.Errorf("wait for the upload limit: %w", err)
	}
	w.end = w.end.Add(waited) // that was not the puller's time
	now := time.Now()
	if !now.Before(w.end) {
		return 0, errSlow
	}
	deadline := now.Add(w.limits.stallTime)
	if deadline.After(w.end) {
		deadline = w.end
	}
	if err := w.stream.SetWriteDeadline(deadline); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	w.turn.block(true)
	n, err := w.stream.Write(p)
	w.turn.block(false)
	w.seen.sentBytes(n, waited, time.Since(now))
	w.sent += uint64(n)
	w.metrics.servedBytes.Add(float64(n))
	return n, err
}
