package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/internal/ingest"
	"github.com/medibloc/pdx/transfer/internal/retry"
)

// MaxMany is the largest number of blobs of one PullMany: their roots and states take
// 20 MB.
const MaxMany = 100_000

// ErrNoBatches: the peer does not speak the protocol of PullMany. Use Pull for each
// blob.
var ErrNoBatches = fmt.Errorf("batches of blobs are not supported: %w", pdx.ErrUnavailable)

// PullMany pulls blobs of at most blob.MaxSmall bytes into the store, from one peer,
// without a round trip for each. ids are their roots, at most MaxMany. It skips blobs
// that the store has and verifies each blob. Blobs become durable in batches and stay
// in the store even if others fail, so PullMany can be called again with the same ids
// after any interruption.
//
// failed has the reason for every blob that is not in the store afterwards: a
// *PeerError that wraps pdx.ErrNotFound, pdx.ErrRefused, blob.ErrNotSmall (use Pull) or
// pdx.ErrUnavailable, or err for blobs that the peer did not answer for. err is the
// error, of the same kinds as with Pull, that ended the pull before every id was
// answered; it is ErrNoBatches if the peer does not speak the protocol. A wrong byte
// ends the pull. progress, if not nil, is called at the start and after each batch with
// the number of blobs that are durable now and the number that were missing; it must
// not block.
func (c *Client) PullMany(ctx context.Context, from peer.ID, ids []pdx.ContentID, progress func(done, total int)) (
	failed map[pdx.ContentID]error, err error,
) {
	if len(ids) > MaxMany {
		return nil, fmt.Errorf("pull %d blobs: %w: at most %d at once", len(ids), pdx.ErrInvalid, MaxMany)
	}
	missing, err := c.store.Missing(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("pull %d blobs: %w", len(ids), err)
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	progress(0, len(missing))
	if len(missing) == 0 {
		return nil, nil
	}
	c.metrics.pulling.Inc()
	defer c.metrics.pulling.Dec()
	start := time.Now()
	p := newBatchPull(c, from, missing, progress)
	err = p.run(ctx)
	p.activity.End(err)
	outcome := pullOutcome(err)
	c.metrics.pulls.WithLabelValues(outcome).Inc()
	c.log.Debug("pull of many done", "peer_id", from, "outcome", outcome, "blobs", len(missing), "duration", time.Since(start))
	if err != nil {
		err = fmt.Errorf("pull %d blobs: %w", len(missing), err)
	}
	return p.failures(context.WithoutCancel(ctx), err), err
}

// batchPull is one PullMany under way.
type batchPull struct {
	client   *Client
	from     peer.ID
	missing  []pdx.ContentID
	progress func(done, total int)
	batches  *ingest.Batches
	activity *activity.Recorder
	route    *activity.RouteRecorder
	retries  retry.State
	cancel   context.CancelFunc

	mu      sync.Mutex      // guards the fields below
	queue   []pdx.ContentID // to be asked for
	done    int             // how many are durable
	refused map[pdx.ContentID]error
	err     error // what ended the pull
}

func newBatchPull(c *Client, from peer.ID, missing []pdx.ContentID, progress func(done, total int)) *batchPull {
	p := &batchPull{
		client: c, from: from, missing: missing, progress: progress, activity: c.activities.Begin(activity.Pulling, missing[0], 0),
		queue: missing, refused: make(map[pdx.ContentID]error),
	}
	p.activity.Blobs.Store(uint64(len(missing)))
	p.route = p.activity.Route(from)
	p.batches = ingest.NewBatches(ingest.BatchConfig{Store: c.store, Limits: c.limits.ingest, Saved: p.saved, Failed: p.end})
	return p
}

// run pulls what is missing. Whatever happens, it saves all that was verified.
func (p *batchPull) run(ctx context.Context) error {
	defer connmgr.Begin(p.client.host, p.from).End()
	pullCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.cancel = cancel
	frames := (len(p.queue) + MaxManyRoots - 1) / MaxManyRoots
	var workers sync.WaitGroup
	for range min(p.client.limits.batchStreams, frames) {
		workers.Go(func() { p.work(pullCtx) })
	}
	workers.Wait()
	saved := p.batches.Finish(context.WithoutCancel(ctx))
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case saved != nil:
		return saved
	case p.err != nil && ctx.Err() != nil, p.err == nil && len(p.queue) > 0:
		return fmt.Errorf("pull from %s: %w", p.from, ctx.Err())
	}
	return p.err
}

// work asks for frames until no root is left, or the pull ends.
func (p *batchPull) work(ctx context.Context) {
	for ctx.Err() == nil && p.unasked() {
		err := p.session(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !p.retry(ctx, err) {
			p.end(err)
			return
		}
	}
}

// retry waits before the peer is asked again after err; it returns false when the peer
// is given up. A success on another stream counts for all streams.
func (p *batchPull) retry(ctx context.Context, err error) bool {
	wait, again := p.retries.After(p.client.limits.retry, err)
	if !again || errors.Is(err, ErrNoBatches) {
		return false
	}
	p.client.retrying(p.route, err)
	return lifecycle.Sleep(ctx, wait) == nil
}

// unasked reports whether there is something to ask for.
func (p *batchPull) unasked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue) > 0
}

// take returns the roots of the next frame, nil when there are none.
func (p *batchPull) take() []pdx.ContentID {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(MaxManyRoots, len(p.queue))
	if n == 0 {
		return nil
	}
	frame := p.queue[:n:n]
	p.queue = p.queue[n:]
	return frame
}

// giveBack queues roots again that were not answered.
func (p *batchPull) giveBack(ids []pdx.ContentID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, ids...)
}

// end ends the pull for that reason; the first counts.
func (p *batchPull) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	p.err = err
	p.cancel()
	p.route.Ended(err)
	var of *PeerError
	if errors.As(err, &of) && errors.Is(err, pdx.ErrCorrupt) {
		p.client.metrics.badPeers.Inc()
		p.client.log.Warn("peer sent wrong bytes", "peer_id", p.from, "error", err)
	}
}

// refuse notes that the peer does not send a blob.
func (p *batchPull) refuse(id pdx.ContentID, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused[id] = &PeerError{Peer: p.from, Err: err}
}

// verified counts n bytes of verified blobs.
func (p *batchPull) verified(n int) {
	if n == 0 {
		return
	}
	p.retries.Succeeded()
	p.route.Moved(n)
	p.activity.Held.Add(uint64(n))
	p.activity.Size.Add(uint64(n))
	p.client.metrics.pulledBytes.Add(float64(n))
}

// saved notes that blobs are durable.
func (p *batchPull) saved(ids []pdx.ContentID) {
	p.mu.Lock()
	p.done += len(ids)
	done := p.done
	p.mu.Unlock()
	p.activity.BlobsHeld.Store(uint64(done))
	p.client.metrics.batchPulled.Add(float64(len(ids)))
	p.progress(done, len(p.missing))
}

// failures returns the blobs that are not in the store, and why; err is the reason of
// those that were not answered.
func (p *batchPull) failures(ctx context.Context, err error) map[pdx.ContentID]error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		left, readErr := p.client.store.Missing(ctx, p.missing)
		if readErr != nil {
			left = p.missing
		}
		for _, id := range left {
			if p.refused[id] == nil {
				p.refused[id] = err
			}
		}
	}
	if len(p.refused) == 0 {
		return nil
	}
	return p.refused
}
