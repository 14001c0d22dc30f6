package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// Pull pulls the blob with root id and size bytes into the store from one peer. See
// PullFrom.
func (c *Client) Pull(ctx context.Context, from peer.ID, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	_, err := c.PullFrom(ctx, From(from), id, size, progress)
	return err
}

// PullFrom pulls the blob with root id and size bytes into the store from all the
// sources at the same time. It continues with what the store already has of the blob.
// It returns nil when the blob is whole and durable, and otherwise the error that ended
// the pull; see the package documentation for the kinds. What was verified until then
// stays in the store for the next pull. A source that fails is asked again; the pull
// ends when no source is left. In both cases liars has an error for each source that
// sent wrong bytes.
//
// If size is 0, PullFrom asks a source for it, accepts at most ClientConfig.MaxSize,
// and verifies it with the last segment before anything is stored. progress, if not
// nil, is called with the number of stored bytes and the size, first with what was
// stored before; it must not block. The host must know the peers' addresses.
func (c *Client) PullFrom(
	ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64),
) (liars []*PeerError, err error) {
	return c.pullFor(ctx, from, id, size, progress, nil)
}

// pullFor is PullFrom with somebody who reads meanwhile, if follows is not nil.
func (c *Client) pullFor(
	ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64), follows *follower,
) (liars []*PeerError, err error) {
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	c.metrics.pulling.Inc()
	defer c.metrics.pulling.Dec()
	start := time.Now()
	seen := c.activities.Begin(activity.Pulling, id, size)
	liars, err = c.pull(ctx, from, id, size, progress, seen, follows)
	seen.End(err)
	outcome := pullOutcome(err)
	c.metrics.pulls.WithLabelValues(outcome).Inc()
	c.log.Debug("pull done", "cid", id, "outcome", outcome, "duration", time.Since(start))
	if err != nil {
		return liars, fmt.Errorf("pull %v: %w", id, err)
	}
	return liars, nil
}

func (c *Client) pull(
	ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64), seen *activity.Recorder,
	follows *follower,
) (liars []*PeerError, err error) {
	if err := bao.CheckSize(size); err != nil {
		return nil, err
	}
	var last lastSegment
	if size == 0 && id != bao.EmptyRoot {
		var proven peer.ID
		if size, proven, err = c.findSize(ctx, from, id, &last); err != nil {
			return nil, err
		}
		from = preferring(proven, from)
	}
	part, err := c.store.Partial(ctx, id, size)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	if follows != nil {
		follows.begin(part, size)
	}
	if err := last.keepIn(part, size); err != nil {
		return nil, err
	}
	progress(part.Written(), size)
	seen.Size.Store(size)
	seen.Held.Store(part.Written())
	p := newPull(c, id, size, part, progress, seen)
	seen.Explain(p.bottleneck)
	pullErr := p.run(ctx, from)
	if liars = p.roster.liars(); pullErr != nil {
		// Keep what was verified, also when the caller has gone.
		return liars, errors.Join(pullErr, part.Checkpoint(context.WithoutCancel(ctx)))
	}
	_, err = part.Commit(ctx)
	return liars, err
}

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

// probe makes one request for at most a segment, verifies the answer, and returns the
// size that the peer states. A request without runs asks for the size only, and then
// size is ignored; else the peer must state that size.
func (c *Client) probe(ctx context.Context, from peer.ID, q request, size uint64, sink bao.Sink) (uint64, error) {
	stream, err := c.open(ctx, from, c.blob)
	if err != nil {
		return 0, blame(ctx, from, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	stated, err := c.probeOn(stream, q, size, sink)
	if err != nil {
		_ = stream.Reset()
		return 0, blame(ctx, from, err)
	}
	_ = stream.Close()
	return stated, nil
}

func (c *Client) probeOn(st network.Stream, q request, size uint64, sink bao.Sink) (uint64, error) {
	if err := st.SetDeadline(time.Now().Add(c.limits.statusTime)); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	writeErr := stream.WriteFrame(st, q.message())
	if writeErr == nil {
		writeErr = st.CloseWrite()
	}
	in := bufio.NewReaderSize(st, readBuffer)
	stated, err := readStatus(in, writeErr)
	if err != nil {
		return 0, err
	}
	if len(q.runs) == 0 {
		size = stated
	}
	if err := checkStated(stated, size); err != nil {
		return 0, err
	}
	if err := st.SetReadDeadline(time.Now().Add(c.limits.segmentTime)); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	return stated, bao.ReadSlices(in, q.id, size, q.runs, sink)
}

// readStatus reads the status of an answer and returns the size that it states.
// writeErr is not nil when the request could not be written: a busy server may answer
// and end the stream before it has read the request, and then its answer counts.
func readStatus(in *bufio.Reader, writeErr error) (stated uint64, err error) {
	if _, err := in.Peek(1); errors.Is(err, io.EOF) {
		return 0, errors.Join(errEnded, writeErr)
	}
	var status transferpb.Status
	if err := readFrame(in, &status); err != nil {
		return 0, errors.Join(err, writeErr)
	}
	return status.GetSize(), errOf(&status)
}

// errEnded: the peer ended the stream where an answer could have begun.
var errEnded = fmt.Errorf("the stream ended: %w", pdx.ErrUnavailable)

func checkStated(stated, size uint64) error {
	if stated != size {
		return fmt.Errorf("stated size is %d bytes, not %d: %w", stated, size, pdx.ErrCorrupt)
	}
	return nil
}
