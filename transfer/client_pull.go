package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/content"
)

// Pull brings the blob with that root and size into the store, from the peer,
// beginning with what the store holds already. It returns when the blob is whole
// and durable, or with the error that stopped it (see the package's doc for whose
// it is); what was verified by then is kept for the next Pull.
//
// A size of 0 asks the peer, believes it up to WithMaxSize, and checks it
// against the last segment before anything is stored. progress, if not nil, is
// told how many bytes of how many are held, first of all what was held before;
// it must not block. The host must know the peer's addresses.
func (c *Client) Pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	c.metrics.pulling.Inc()
	defer c.metrics.pulling.Dec()
	start := time.Now()
	err := c.pull(ctx, from, id, size, progress)
	outcome := pullOutcome(err)
	c.metrics.pulls.WithLabelValues(outcome).Inc()
	if outcome == "corrupt" {
		c.metrics.badPeers.Inc()
		c.log.Warn("peer sent wrong bytes", "peer_id", from, "cid", id, "error", err)
	}
	c.log.Debug("pull done", "peer_id", from, "cid", id, "outcome", outcome, "duration", time.Since(start))
	if err != nil {
		return fmt.Errorf("pull %v: %w", id, err)
	}
	return nil
}

func (c *Client) pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) (err error) {
	if err := content.CheckSize(size); err != nil {
		return err
	}
	if size == 0 && id != content.EmptyRoot {
		if size, err = c.findSize(ctx, from, id); err != nil {
			return err
		}
	}
	part, err := c.store.Partial(ctx, id, size)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	p := newPulling(c, id, size, part, progress)
	pullErr := p.run(ctx, []peer.ID{from})
	if pullErr != nil {
		// Keep what was verified, also when the caller has gone.
		return errors.Join(pullErr, part.Checkpoint(context.WithoutCancel(ctx)))
	}
	_, err = part.Commit(ctx)
	return err
}

// findSize is the size of a blob: what the store knows of a whole one, else
// what the peer states and its last segment proves.
func (c *Client) findSize(ctx context.Context, from peer.ID, id pdx.ContentID) (uint64, error) {
	if info, err := c.store.Stat(ctx, id); err == nil && info.Complete {
		return info.Size, nil
	}
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
	if size > min(c.maxSize, content.MaxSize) {
		return 0, &PeerError{from, fmt.Errorf("%w: it states a size of %d bytes; at most %d are taken unasked", pdx.ErrInvalid, size, c.maxSize)}
	}
	if size == 0 {
		return 0, &PeerError{from, fmt.Errorf("it states a size of 0 for bytes that are not empty: %w", pdx.ErrCorrupt)}
	}
	last := content.Range{First: content.Segments(size) - 1, Count: 1}
	return ask(request{id: id, runs: content.Ranges{last}}, size)
}

// discard is the sink for segments that only prove something.
type discard struct{}

func (discard) PutNode(uint64, content.Node) error { return nil }
func (discard) PutSegment(uint64, []byte) error    { return nil }

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

var _ content.Sink = blob.Partial(nil)
