package transfer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/internal/ingest"
	"github.com/medibloc/pdx/transfer/internal/plan"
)

// pull is one blob on its way here. The plan says which worker of which source fetches
// which segments; workers hand what they read to the intake, which verifies it, stores
// it and makes it durable.
type pull struct {
	client   *Client
	id       pdx.ContentID
	size     uint64
	part     blob.Partial
	plan     *plan.Plan
	intake   *ingest.Intake
	roster   *roster
	activity *activity.Recorder
	spent    [ingest.Works]activity.Meter // nanoseconds in a second, by kind of work
	group    sync.WaitGroup               // of the sources and their watcher

	failMu sync.Mutex // guards failed
	failed error      // this machine's failure, which ends the pull
	cancel context.CancelFunc
}

func newPull(
	c *Client, id pdx.ContentID, size uint64, part blob.Partial, progress func(held, total uint64), seen *activity.Recorder,
) *pull {
	p := &pull{client: c, id: id, size: size, part: part, activity: seen, plan: plan.New(c.limits.plan, size, part)}
	p.roster = newRoster(p)
	p.intake = ingest.New(ingest.Config{
		Plan: p.plan, Part: part, Size: size, Limits: c.limits.ingest, Pool: &buffers,
		Progress: progress,
		Spent:    func(on ingest.Work, d time.Duration) { p.spent[on].Add(int(d)) },
		Failed:   p.fail,
	})
	return p
}

// buffers are segments in hand, shared by all pulls and uploads.
var buffers = sync.Pool{New: func() any { return new([bao.SegmentSize]byte) }}

// run pulls what is missing and ends everything that it started.
func (p *pull) run(ctx context.Context, from Sources) error {
	pullCtx, cancel := context.WithCancel(ctx)
	p.cancel = cancel
	p.intake.Start()
	p.group.Go(func() {
		from.Watch(pullCtx, func(now []peer.ID) { p.roster.set(pullCtx, now) })
		p.roster.close()
	})
	err := p.wait(pullCtx)
	cancel()
	p.group.Wait()
	p.intake.Stop()
	return p.result(ctx, err)
}

// wait returns nil when everything is stored, or why the pull cannot go on.
func (p *pull) wait(ctx context.Context) error {
	ticker := time.NewTicker(p.client.limits.pollTime)
	defer ticker.Stop()
	for {
		select {
		case <-p.plan.Complete():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-p.plan.Changed():
		case <-ticker.C:
		}
		if err := p.roster.stuck(); err != nil {
			return err
		}
	}
}

// result prefers what this machine did wrong, then that the caller has gone,
// then what the sources did.
func (p *pull) result(ctx context.Context, err error) error {
	p.failMu.Lock()
	defer p.failMu.Unlock()
	switch {
	case p.failed != nil:
		return p.failed
	case p.plan.Completed():
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("pull: %w", ctx.Err())
	default:
		return err
	}
}

// fail ends the pull for a reason that is this machine's.
func (p *pull) fail(err error) {
	p.failMu.Lock()
	defer p.failMu.Unlock()
	if p.failed == nil {
		p.failed = err
	}
	p.cancel()
}

// bottleneck returns the work by which this machine slows the pull down, if it does:
// streams that wait for a buffer for a third of each second could bring more.
func (p *pull) bottleneck() activity.Reason {
	rate := func(on ingest.Work) float64 { return p.spent[on].BytesPerSecond() }
	switch {
	case rate(ingest.Waiting) < float64(time.Second)/3:
		return activity.ReasonNone
	case rate(ingest.Checking) > rate(ingest.Storing):
		return activity.ReasonChecking
	default:
		return activity.ReasonWriting
	}
}
