package transfer

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/internal/plan"
)

// response is a stream that the answers to a worker's requests are read from.
type response struct {
	worker *worker
	pull   *pull
	ctx    context.Context //nolint:containedctx // of the session: bao asks for a buffer without one
	stream network.Stream
	in     *bufio.Reader
	jobs   []*plan.Job // that were taken and not answered; the first is being answered
}

var _ bao.UnverifiedSink = (*response)(nil)

// all asks for jobs, several at a time, and reads the answers until there is no more
// job, there is a better connection, or an error ends it. It returns how many jobs were answered, and ends the others.
func (r *response) all() (answered int, err error) {
	defer func() {
		for _, j := range r.jobs {
			r.pull.plan.End(j)
		}
	}()
	asked := 0
	for len(r.jobs) > 0 {
		var writeErr error
		for ; writeErr == nil && asked < r.pull.client.limits.depth; asked++ {
			if asked == len(r.jobs) {
				if r.pull.client.outdated(r.stream.Conn()) {
					break // a session on the better connection goes on
				}
				j := r.pull.plan.Take(r.worker)
				if j == nil {
					break
				}
				r.jobs = append(r.jobs, j)
			}
			writeErr = r.ask(r.jobs[asked])
		}
		if err := r.answer(r.jobs[0], writeErr); err != nil {
			return answered, err
		}
		r.pull.plan.End(r.jobs[0])
		r.jobs, asked, answered = r.jobs[1:], asked-1, answered+1
	}
	return answered, nil
}

// ask writes the request for a job.
func (r *response) ask(j *plan.Job) error {
	if err := r.stream.SetWriteDeadline(time.Now().Add(r.pull.client.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	return stream.WriteFrame(r.stream, request{id: r.pull.id, runs: j.Runs}.message())
}

// answer reads the answer to the request for a job. writeErr is not nil when the request
// could not be written.
func (r *response) answer(j *plan.Job, writeErr error) error {
	if err := r.stream.SetReadDeadline(time.Now().Add(r.pull.client.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	stated, err := readStatus(r.in, writeErr)
	if err != nil {
		return err
	}
	if err := checkStated(stated, r.pull.size); err != nil {
		return err
	}
	r.worker.rate.Add(0)
	if err := r.extend(); err != nil {
		return err
	}
	for _, run := range j.Runs {
		if err := bao.ReadUnverified(r.in, r.pull.id, r.pull.size, run, r); err != nil {
			return err
		}
	}
	return nil
}

// extend gives the peer time for the next segment.
func (r *response) extend() error {
	return r.stream.SetReadDeadline(time.Now().Add(r.pull.client.limits.segmentTime))
}

// PutNode keeps a verified node.
func (r *response) PutNode(split uint64, n bao.Node) error {
	if err := r.pull.part.PutNode(split, n); err != nil {
		r.pull.fail(err)
		return err
	}
	return nil
}

// Buffer waits for a buffer: this is where a machine that is slower than the
// path slows the path down.
func (r *response) Buffer() (*[bao.SegmentSize]byte, error) {
	buf, waited, err := r.pull.intake.Buffer(r.ctx)
	if waited > 0 {
		_ = r.extend() // that was not the peer's time
	}
	return buf, err
}

// Drop gives a buffer back.
func (r *response) Drop(buf *[bao.SegmentSize]byte) { r.pull.intake.Drop(buf) }

// Take hands a segment to the intake. Each whole segment extends the peer's deadline.
func (r *response) Take(c bao.Unverified) error {
	n := len(c.Data())
	r.pull.plan.Arrived(r.jobs[0])
	r.pull.intake.Put(c, r.worker.source)
	r.worker.rate.Add(n)
	r.worker.hear()
	return r.extend()
}
