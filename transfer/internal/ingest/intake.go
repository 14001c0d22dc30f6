package ingest

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/internal/plan"
)

// An Origin is where segments come from. It is told what became of each.
type Origin interface {
	// Kept counts n bytes that were right and are stored.
	Kept(n int)
	// Repeated counts n bytes that another origin brought first.
	Repeated(n int)
	// Lied reports bytes that are not what they must be.
	Lied(err error)
}

// Work is what time is spent on.
type Work int

// The kinds of work.
const (
	Waiting  Work = iota // of a stream, for a buffer
	Checking             // of a checker, hashing
	Storing              // of a checker, putting into the store
	works
)

// Works is how many kinds of work there are.
const Works = int(works)

// Config is what an Intake works with. All fields are required.
type Config struct {
	Plan   *plan.Plan   // is told of each segment
	Part   blob.Partial // where segments are stored
	Size   uint64       // bytes of the blob
	Limits Limits
	Pool   *sync.Pool // of *[bao.SegmentSize]byte, shared by all pulls

	// Progress is told how many bytes of how many are held, from one goroutine at a
	// time and never backwards; it must not block.
	Progress func(held, total uint64)
	// Spent is told what time was spent on, from many goroutines.
	Spent func(on Work, d time.Duration)
	// Failed is told that the store failed, from many goroutines.
	Failed func(error)
}

// An Intake verifies, stores and makes durable the segments of one pull.
type Intake struct {
	config Config
	tokens chan struct{} // one for each buffer in use: bounds the memory of a pull
	queue  chan received
	group  sync.WaitGroup // of checkers
	saver  *saver

	progressMu sync.Mutex // guards reported, and serializes Progress
	reported   uint64
}

// received is a segment that came in.
type received struct {
	segment bao.Unverified
	from    Origin
}

// New returns an intake; it runs nothing before Start.
func New(c Config) *Intake {
	return &Intake{
		config: c, reported: c.Part.Written(),
		tokens: make(chan struct{}, c.Limits.Buffers), queue: make(chan received, c.Limits.Buffers),
		saver: newSaver(c.Limits, c.Part, c.Size),
	}
}

// Start begins to take segments in, until Stop.
func (in *Intake) Start() {
	in.saver.start(in.config.Failed)
	for range min(runtime.GOMAXPROCS(0), in.config.Limits.Checkers) {
		in.group.Go(func() {
			for r := range in.queue {
				in.check(r)
				in.Drop(r.segment.Buffer())
			}
		})
	}
}

// Stop works off what is queued; nobody may add to it any more. What was stored since
// the last checkpoint is the caller's to make durable.
func (in *Intake) Stop() {
	close(in.queue)
	in.group.Wait()
	in.saver.stop()
}

// Buffer waits until a buffer is free. waited is how long that took, 0 if it was not
// long.
func (in *Intake) Buffer(ctx context.Context) (buf *[bao.SegmentSize]byte, waited time.Duration, err error) {
	select {
	case in.tokens <- struct{}{}:
	default:
		start := time.Now()
		select {
		case in.tokens <- struct{}{}:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
		if d := time.Since(start); d > time.Millisecond {
			waited = d
			in.config.Spent(Waiting, waited)
		}
	}
	return in.config.Pool.Get().(*[bao.SegmentSize]byte), waited, nil
}

// Drop gives a buffer back.
func (in *Intake) Drop(buf *[bao.SegmentSize]byte) {
	in.config.Pool.Put(buf)
	<-in.tokens
}

// Put queues a segment, and its buffer with it. It does not block: there is a slot in
// the queue for every buffer.
func (in *Intake) Put(segment bao.Unverified, from Origin) { in.queue <- received{segment, from} }

// check verifies a segment and stores it, once.
func (in *Intake) check(r received) {
	c, n := &in.config, len(r.segment.Data())
	if c.Plan.Holds(r.segment.Index) {
		r.from.Repeated(n)
		return
	}
	start := time.Now()
	err := r.segment.Check()
	checked := time.Now()
	c.Spent(Checking, checked.Sub(start))
	if err != nil {
		c.Plan.Reject(r.segment.Index)
		r.from.Lied(err)
		return
	}
	if !c.Plan.Hold(r.segment.Index) {
		r.from.Repeated(n)
		return
	}
	if err := c.Part.PutSegment(r.segment.Index, r.segment.Data()); err != nil {
		c.Failed(err)
		return
	}
	r.from.Kept(n)
	in.report()
	in.saver.add(n)
	c.Spent(Storing, time.Since(checked))
	c.Plan.Stored()
}

// report reports progress, from one goroutine at a time and never backwards.
func (in *Intake) report() {
	in.progressMu.Lock()
	defer in.progressMu.Unlock()
	if held := in.config.Part.Written(); held > in.reported {
		in.reported = held
		in.config.Progress(held, in.config.Size)
	}
}
