package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// MaxMany bounds the blobs of one PullMany: their roots and what is remembered of
// each are 20 MB.
const MaxMany = 100_000

// ErrNoBatches: the peer does not know the protocol for many small blobs; they
// are pulled one by one.
var ErrNoBatches = fmt.Errorf("it does not serve many blobs at once: %w", pdx.ErrUnavailable)

// PullMany brings blobs of at most blob.MaxSmall bytes into the store, from one
// peer, without a round trip for each, beginning with what is missing. Each is
// verified under its root; they become durable in batches, and stay, whatever
// happens to the others. So it can be called again with the same ids after any
// interruption.
//
// failed are those that are not here now, and why: pdx.ErrNotFound, pdx.ErrRefused,
// blob.ErrNotSmall (pull it by itself), pdx.ErrUnavailable, each a *PeerError; or
// err, for those that were not answered any more. err is what ended the pull
// before every id was answered, as for Pull; a liar is cut off at its first wrong
// byte. progress, if not nil, is told how many of those that were missing are
// durable now, after each batch; it must not block.
func (c *Client) PullMany(ctx context.Context, from peer.ID, ids []pdx.ContentID, progress func(done, total int)) (failed map[pdx.ContentID]error, err error) {
	if len(ids) > MaxMany {
		return nil, fmt.Errorf("pull %d blobs: %w: at most %d at once", len(ids), pdx.ErrInvalid, MaxMany)
	}
	missing, err := c.store.Missing(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("pull %d blobs: %w", len(ids), err)
	}
	p := newManyPull(c, from, missing, progress)
	p.progress(0, len(missing))
	if len(missing) == 0 {
		return nil, nil
	}
	c.metrics.pulling.Inc()
	defer c.metrics.pulling.Dec()
	start := time.Now()
	seen := c.activities.begin(Pulling, missing[0], 0)
	seen.blobs.Store(uint64(len(missing)))
	p.seen = seen.route(from)
	p.all = seen
	err = p.run(ctx)
	seen.end(err)
	outcome := pullOutcome(err)
	c.metrics.pulls.WithLabelValues(outcome).Inc()
	c.log.Debug("pull of many done", "peer_id", from, "outcome", outcome, "blobs", len(missing), "duration", time.Since(start))
	if err != nil {
		err = fmt.Errorf("pull %d blobs: %w", len(missing), err)
	}
	return p.failures(context.WithoutCancel(ctx), err), err
}

// run pulls what is missing and saves all that was verified, whatever happens.
func (p *manyPull) run(ctx context.Context) error {
	pullCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.stop = cancel
	frames := (len(p.queue) + MaxManyRoots - 1) / MaxManyRoots
	for range min(p.limits.manyLanes, frames) {
		p.group.Go(func() { p.lane(pullCtx) })
	}
	p.group.Wait()
	saved := p.saver.finish(context.WithoutCancel(ctx))
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case saved != nil:
		return saved
	case p.err != nil && ctx.Err() != nil:
		return fmt.Errorf("pull from %s: %w", p.from, ctx.Err())
	case p.err == nil && len(p.queue) > 0:
		return fmt.Errorf("pull from %s: %w", p.from, ctx.Err())
	}
	return p.err
}

// lane asks for frames until there is none, or the pull ends.
func (p *manyPull) lane(ctx context.Context) {
	for ctx.Err() == nil && p.left() {
		err := p.session(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !p.again(ctx, err) {
			p.end(err)
			return
		}
	}
}

// again waits before the peer is asked again after err; false when it is not
// worth it. What ended well for others meanwhile counts for all.
func (p *manyPull) again(ctx context.Context, err error) bool {
	wait, ok := p.backoff.after(p.limits, err)
	if !ok || errors.Is(err, ErrNoBatches) {
		return false
	}
	reason := retryReason(err)
	p.seen.retry(reason)
	p.metrics.retries.WithLabelValues(string(reason)).Inc()
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
