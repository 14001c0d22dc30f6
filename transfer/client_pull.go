package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// Pull brings the blob with that root and size into the store, from one peer; see
// PullFrom.
func (c *Client) Pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	_, err := c.PullFrom(ctx, From(from), id, size, progress)
	return err
}

// PullFrom brings the blob with that root and size into the store, from all the
// sources at once, beginning with what the store holds already. It returns when
// the blob is whole and durable, or with the error that stopped it (see the
// package's doc for whose it is); what was verified by then is kept for the next
// pull. A source that fails is asked again; the pull ends when none is left. In
// either case liars are those that sent wrong bytes, and what was wrong.
//
// A size of 0 asks a source, believes it up to WithMaxSize, and checks it
// against the last segment before anything is stored. progress, if not nil, is
// told how many bytes of how many are held, first of all what was held before;
// it must not block. The host must know the peers' addresses.
func (c *Client) PullFrom(ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64)) (liars []*PeerError, err error) {
	c.metrics.pulling.Inc()
	defer c.metrics.pulling.Dec()
	start := time.Now()
	seen := c.activities.begin(Pulling, id, size)
	liars, err = c.pull(ctx, from, id, size, progress, seen)
	seen.end(err)
	outcome := pullOutcome(err)
	c.metrics.pulls.WithLabelValues(outcome).Inc()
	c.log.Debug("pull done", "cid", id, "outcome", outcome, "duration", time.Since(start))
	if err != nil {
		return liars, fmt.Errorf("pull %v: %w", id, err)
	}
	return liars, nil
}

func (c *Client) pull(ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64), seen *activity) (liars []*PeerError, err error) {
	if err := bao.CheckSize(size); err != nil {
		return nil, err
	}
	if size == 0 && id != bao.EmptyRoot {
		if size, err = c.findSize(ctx, from, id); err != nil {
			return nil, err
		}
	}
	part, err := c.store.Partial(ctx, id, size)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	seen.size.Store(size)
	seen.held.Store(part.Written())
	p := newPulling(c, id, size, part, progress, seen)
	seen.explain(p.checks.reason)
	pullErr := p.run(ctx, from)
	if liars = p.liars(); pullErr != nil {
		// Keep what was verified, also when the caller has gone.
		return liars, errors.Join(pullErr, part.Checkpoint(context.WithoutCancel(ctx)))
	}
	_, err = part.Commit(ctx)
	return liars, err
}

// findSize is the size of a blob: what the store knows of a whole one, else
// what a source states and its last segment proves.
func (c *Client) findSize(ctx context.Context, from Sources, id pdx.ContentID) (uint64, error) {
	if info, err := c.store.Stat(ctx, id); err == nil && info.Complete {
		return info.Size, nil
	}
	var errs []error
	for _, p := range firstOf(ctx, from) {
		size, err := c.askSize(ctx, p, id)
		if err == nil {
			return size, nil
		}
		if ctx.Err() != nil {
			return 0, err
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return 0, fmt.Errorf("%w: no peer is known to have it", pdx.ErrUnavailable)
	}
	return 0, errors.Join(errs...)
}

// firstOf are the first sources that are named.
func firstOf(ctx context.Context, from Sources) (first []peer.ID) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from.Watch(ctx, func(now []peer.ID) {
		if first == nil && len(now) > 0 {
			first = slices.Clone(now)
			cancel()
		}
	})
	return first
}

// askSize is what one source states and proves.
func (c *Client) askSize(ctx context.Context, from peer.ID, id pdx.ContentID) (uint64, error) {
	ask := func(q request, size uint64) (stated uint64, err error) {
		return stated, c.patiently(ctx, func() (err error) {
			stated, err = c.fetch(ctx, from, q, size, discard{})
			return err
		})
	}
	size, err := ask(request{id: id}, 0)
	if err != nil {
		return 0, err
	}
	if size > min(c.maxSize, bao.MaxSize) {
		return 0, &PeerError{from, fmt.Errorf("%w: it states a size of %d bytes; at most %d are taken unasked", pdx.ErrInvalid, size, c.maxSize)}
	}
	if size == 0 {
		return 0, &PeerError{from, fmt.Errorf("it states a size of 0 for bytes that are not empty: %w", pdx.ErrCorrupt)}
	}
	last := bao.Range{First: bao.Segments(size) - 1, Count: 1}
	return ask(request{id: id, runs: bao.Ranges{last}}, size)
}

// patiently repeats ask while the peer says busy, until patience ends.
func (c *Client) patiently(ctx context.Context, ask func() error) error {
	end := time.Now().Add(c.limits.patience)
	for {
		err := ask()
		var busy *busyError
		if !errors.As(err, &busy) {
			return err
		}
		wait := max(busy.after, minBusyWait)
		if time.Now().Add(wait).After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// discard is the sink for segments that only prove something.
type discard struct{}

func (discard) PutNode(uint64, bao.Node) error  { return nil }
func (discard) PutSegment(uint64, []byte) error { return nil }

// pullOutcome is the result of a pull as a label.
func pullOutcome(err error) string {
	var pe *PeerError
	switch {
	case err == nil:
		return "ok"
	case !errors.As(err, &pe) && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return "cancelled"
	case pe == nil:
		return "store"
	case errors.Is(pe, pdx.ErrCorrupt):
		return "corrupt"
	case errors.Is(pe, pdx.ErrRefused):
		return "refused"
	case errors.Is(pe, pdx.ErrNotFound):
		return "not_found"
	case errors.Is(pe, pdx.ErrInvalid):
		return "bad_request"
	default:
		return "unavailable"
	}
}

var _ bao.Sink = blob.Partial(nil)
