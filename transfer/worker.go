package transfer

import (
	"bufio"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/internal/plan"
)

// worker fetches segments from a source, over one stream that is opened again when it
// ends. While the answer to one request is read the next is under way, so that the
// path never waits.
type worker struct {
	source *source
	conn   int // which of the connections to the source carries the stream
	rate   activity.Meter

	heardMu sync.Mutex // guards heard
	heard   time.Time  // when the last segment came
}

var _ plan.Worker = (*worker)(nil)

// Rate implements plan.Worker.
func (w *worker) Rate() float64 { return w.rate.BytesPerSecond() }

// RoundTrip implements plan.Worker.
func (w *worker) RoundTrip() time.Duration { return w.source.knownRoundTrip() }

// Path implements plan.Worker.
func (w *worker) Path() any { return w.source }

// Silence implements plan.Worker.
func (w *worker) Silence() time.Duration {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	return time.Since(w.heard)
}

// hear notes that a segment has just come.
func (w *worker) hear() {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	w.heard = time.Now()
}

// run fetches until the pull ends or the source is given up.
func (w *worker) run(ctx context.Context) {
	p := w.source.pull
	p.plan.Join(1)
	defer p.plan.Join(-1)
	for ctx.Err() == nil {
		j := w.await(ctx)
		if j == nil {
			return
		}
		err := w.session(ctx, j)
		if err == nil || ctx.Err() != nil {
			continue
		}
		if !w.source.retry(ctx, err) {
			if ctx.Err() == nil && !p.plan.Completed() {
				w.source.giveUp(err)
			}
			return
		}
	}
}

// await waits for the next job and returns nil when the pull is over.
func (w *worker) await(ctx context.Context) *plan.Job {
	p := w.source.pull
	for {
		changed := p.plan.Changed()
		if j := p.plan.Take(w); j != nil {
			return j
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.plan.Complete():
			return nil
		case <-changed:
		case <-time.After(p.client.limits.pollTime): // another worker may have become slow
		}
	}
}

// session opens a stream and asks for one job after another until there is none, or
// an error ends it. Segments that did not come are free again then.
func (w *worker) session(ctx context.Context, first *plan.Job) error {
	p := w.source.pull
	w.hear()
	stream, err := p.client.open(multiconn.On(ctx, w.conn), w.source.peer, p.client.blob)
	if err != nil {
		p.plan.End(first)
		return blame(ctx, w.source.peer, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	w.source.route.Opened(stream.Conn(), 1)
	defer w.source.route.Opened(nil, -1)
	r := &response{
		worker: w, pull: p, ctx: ctx, stream: stream, in: bufio.NewReaderSize(stream, readBuffer), jobs: []*plan.Job{first},
	}
	answered, err := r.all()
	// Between two answers a holder may end the stream.
	if err == nil || answered > 0 && errors.Is(err, errEnded) {
		_ = stream.Close()
		return nil
	}
	_ = stream.Reset()
	return blame(ctx, w.source.peer, err)
}
