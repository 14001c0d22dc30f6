package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// lane is one stream to a source, opened again when it ends. While the answer to
// one request is read the next is under way, so that the path never waits.
type lane struct {
	*source
	number int
	rate   meter

	mu   sync.Mutex
	last time.Time // when the last segment came
}

// timeFor is how long n segments take on this lane.
func (l *lane) timeFor(n uint64) time.Duration {
	rate := l.rate.bytesPerSecond()
	if rate < 1 {
		return l.limits.unknownTime
	}
	return time.Duration(float64(n*bao.SegmentSize) / rate * float64(time.Second))
}

// quiet is how long nothing came, if that is long.
func (l *lane) quiet() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := time.Since(l.last); d > l.limits.quietTime {
		return 10 * d
	}
	return 0
}

func (l *lane) heard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Now()
}

// run fetches until the pull ends or the source is given up.
func (l *lane) run(ctx context.Context) {
	l.plan.join(1)
	defer l.plan.join(-1)
	for ctx.Err() == nil {
		j := l.await(ctx)
		if j == nil {
			return
		}
		err := l.session(ctx, j)
		if err == nil || ctx.Err() != nil {
			continue
		}
		if !l.retry(ctx, err) {
			if ctx.Err() == nil && !l.over() {
				l.giveUp(err)
			}
			return
		}
	}
}

func (l *lane) over() bool {
	select {
	case <-l.plan.finished:
		return true
	default:
		return false
	}
}

// await is the next job; nil when the pull is over.
func (l *lane) await(ctx context.Context) *job {
	for {
		changed := l.plan.hasChanged()
		if j := l.plan.take(l); j != nil {
			return j
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.plan.finished:
			return nil
		case <-changed:
		case <-time.After(l.limits.lookTime): // by now another may have become slow
		}
	}
}

// session opens a stream and asks for one job after another until there is
// none, or an error. Of what did not come nothing is lost.
func (l *lane) session(ctx context.Context, first *job) error {
	under := []*job{first}
	defer func() {
		for _, j := range under {
			l.plan.end(j)
		}
	}()
	l.heard()
	stream, err := l.open(ctx)
	if err != nil {
		return l.blame(ctx, l.peer, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	clean := false
	defer func() {
		if clean {
			_ = stream.Close()
		} else {
			_ = stream.Reset()
		}
	}()
	r := &reading{lane: l, ctx: ctx, stream: stream, in: bufio.NewReaderSize(stream, readBuffer)}
	l.seen.opened(stream.Conn(), 1)
	defer l.seen.opened(nil, -1)
	asked, answered := 0, 0
	for len(under) > 0 {
		var writeErr error
		for ; writeErr == nil && asked < l.limits.depth; asked++ {
			if asked == len(under) {
				j := l.plan.take(l)
				if j == nil {
					break
				}
				under = append(under, j)
			}
			writeErr = r.ask(under[asked])
		}
		if err := r.answer(under[0], writeErr); err != nil {
			if clean = answered > 0 && errors.Is(err, errEnded); clean {
				return nil // between two answers a holder may end the stream
			}
			return l.blame(ctx, l.peer, err)
		}
		l.plan.end(under[0])
		under, asked, answered = under[1:], asked-1, answered+1
	}
	clean = true
	return nil
}

// dialContext allows relayed connections if the user does.
func (c *Client) dialContext(ctx context.Context) context.Context {
	if c.relayed {
		return network.WithAllowLimitedConn(ctx, service)
	}
	return ctx
}

func (l *lane) open(ctx context.Context) (network.Stream, error) {
	return l.Client.open(multiconn.On(ctx, l.number), l.peer)
}

// reading is a stream that answers are read from.
type reading struct {
	*lane
	ctx    context.Context
	stream network.Stream
	in     *bufio.Reader
	job    *job
}

// errEnded: the holder ended the stream where an answer could have begun.
var errEnded = fmt.Errorf("the stream ended: %w", pdx.ErrUnavailable)

// ask writes the request for j.
func (r *reading) ask(j *job) error {
	if err := r.stream.SetWriteDeadline(time.Now().Add(r.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	return writeFrame(r.stream, request{id: r.id, runs: j.runs}.message())
}

// answer reads the answer to the request for j. A server that is busy may answer
// and end the stream before it has read the request: its answer counts for more
// than that we could not write.
func (r *reading) answer(j *job, writeErr error) error {
	if err := r.stream.SetReadDeadline(time.Now().Add(r.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if _, err := r.in.Peek(1); errors.Is(err, io.EOF) {
		return errors.Join(errEnded, writeErr)
	}
	var status transferpb.Status
	if err := readFrame(r.in, &status); err != nil {
		return errors.Join(err, writeErr)
	}
	if err := errOf(&status); err != nil {
		return err
	}
	if stated := status.GetSize(); stated != r.size {
		return fmt.Errorf("it states a size of %d bytes, not %d: %w", stated, r.size, pdx.ErrCorrupt)
	}
	r.job = j
	r.rate.add(0)
	if err := r.extend(); err != nil {
		return err
	}
	for _, run := range j.runs {
		if err := bao.ReadClaims(r.in, r.id, r.size, run, r); err != nil {
			return err
		}
	}
	return nil
}

// extend gives the peer time for the next segment.
func (r *reading) extend() error {
	return r.stream.SetReadDeadline(time.Now().Add(r.limits.segmentTime))
}

// PutNode keeps a verified node.
func (r *reading) PutNode(split uint64, n bao.Node) error {
	if err := r.part.PutNode(split, n); err != nil {
		r.fail(err)
		return err
	}
	return nil
}

// Buffer waits for a buffer: this is where a machine that is slower than the
// path holds the path back.
func (r *reading) Buffer() (*[bao.SegmentSize]byte, error) {
	start := time.Now()
	b, err := r.checks.buffer(r.ctx)
	if waited := time.Since(start); waited > time.Millisecond {
		r.checks.waited.add(int(waited))
		_ = r.extend() // that was not the peer's time
	}
	return b, err
}

// Drop gives a buffer back.
func (r *reading) Drop(b *[bao.SegmentSize]byte) { r.checks.give(b) }

// Take hands a segment to the checkers. A whole segment is what earns the peer
// time.
func (r *reading) Take(c bao.Claim) error {
	n := len(c.Data())
	r.plan.arrived(r.job)
	r.checks.work <- received{c, r.source} // has room for every buffer
	r.rate.add(n)
	r.heard()
	return r.extend()
}
