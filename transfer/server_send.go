package transfer

import (
	"bufio"
	"fmt"
	"time"

	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// send writes the status and the slices.
func (v *serving) send(b blob.Blob, q request) (transferpb.Code, error) {
	if len(q.runs) > 0 {
		if !v.promote() {
			return v.answer(transferpb.Code_CODE_BUSY)
		}
		defer v.bodies.give(v.puller)
	}
	paced := &pacedWriter{serving: v, end: time.Now().Add(v.limits.bodyTime(q.bytes(b.Size())))}
	out := bufio.NewWriterSize(paced, writeStep)
	if err := writeFrame(out, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: b.Size()}); err != nil {
		return 0, err
	}
	for _, run := range q.runs {
		if err := b.WriteSlice(out, run); err != nil {
			return 0, fmt.Errorf("send segments %v: %w", run, err)
		}
	}
	if err := out.Flush(); err != nil {
		return 0, fmt.Errorf("send segments: %w", err)
	}
	return transferpb.Code_CODE_OK, nil
}

// pacedWriter gives the puller stallTime for each write, and the whole body an
// end: who does not read, or hardly, loses the stream.
type pacedWriter struct {
	*serving
	end time.Time
}

func (w *pacedWriter) Write(p []byte) (int, error) {
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
	n, err := w.stream.Write(p)
	w.sent += uint64(n)
	w.metrics.servedBytes.Add(float64(n))
	return n, err
}
