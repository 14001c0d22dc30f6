package transfer

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/medibloc/pdx/exchange/bao"
)

// buffers are segments in hand, shared by all pulls.
var buffers = sync.Pool{New: func() any { return new([bao.SegmentSize]byte) }}

// checks verifies and puts the segments of one pull, off the lanes that read
// them, on as many cores as there are.
type checks struct {
	*pulling
	tokens chan struct{} // one for each buffer in use: bounds the memory of a pull
	work   chan received
	group  sync.WaitGroup

	order sync.Mutex // of progress
	told  uint64

	// Nanoseconds spent in a second: by lanes for a buffer, and by checkers.
	waited, hashed, wrote meter
}

// received is a segment that came in from a lane.
type received struct {
	bao.Claim
	from *source
}

func newChecks(p *pulling) *checks {
	return &checks{
		pulling: p, told: p.part.Written(),
		tokens: make(chan struct{}, p.limits.buffers), work: make(chan received, p.limits.buffers),
	}
}

func (c *checks) start() {
	for range min(runtime.GOMAXPROCS(0), c.limits.checkers) {
		c.group.Go(func() {
			for r := range c.work {
				c.one(r)
				c.give(r.Buffer())
			}
		})
	}
}

// stop works off what is queued; nobody may add to it any more.
func (c *checks) stop() {
	close(c.work)
	c.group.Wait()
}

// buffer waits until there is one.
func (c *checks) buffer(ctx context.Context) (*[bao.SegmentSize]byte, error) {
	select {
	case c.tokens <- struct{}{}:
	default:
		select {
		case c.tokens <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return buffers.Get().(*[bao.SegmentSize]byte), nil
}

func (c *checks) give(b *[bao.SegmentSize]byte) {
	buffers.Put(b)
	<-c.tokens
}

// one verifies a segment and puts it in its place, once.
func (c *checks) one(r received) {
	start := time.Now()
	if c.plan.has(r.Index) {
		r.from.again(len(r.Data()))
		return
	}
	err := r.Check()
	hashed := time.Now()
	c.hashed.add(int(hashed.Sub(start)))
	if err != nil {
		c.plan.reject(r.Index)
		r.from.lied(err)
		return
	}
	if !c.plan.claim(r.Index) {
		r.from.again(len(r.Data()))
		return
	}
	if err := c.part.PutSegment(r.Index, r.Data()); err != nil {
		c.fail(err)
		return
	}
	r.from.verified(len(r.Data()))
	c.tell()
	c.saver.add(len(r.Data()))
	c.wrote.add(int(time.Since(hashed)))
	c.plan.placed()
}

// tell reports progress, from one goroutine at a time and never backwards.
func (c *checks) tell() {
	c.order.Lock()
	defer c.order.Unlock()
	if held := c.part.Written(); held > c.told {
		c.told = held
		c.progress(held, c.size)
	}
}

// reason reports whether this machine holds the pull up, and with what: lanes that
// wait for a buffer for a third of their time could bring more.
func (c *checks) reason() Reason {
	switch {
	case c.waited.bytesPerSecond() < float64(time.Second)/3:
		return ReasonNone
	case c.hashed.bytesPerSecond() > c.wrote.bytesPerSecond():
		return ReasonChecking
	default:
		return ReasonWriting
	}
}
