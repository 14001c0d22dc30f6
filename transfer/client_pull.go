package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/transfer/blob"
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
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
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

func (c *Client) pull(
	ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64), seen *activity,
) (liars []*PeerError, err error) {
	if err := bao.CheckSize(size); err != nil {
		return nil, err
	}
	var last lastSegment
	if size == 0 && id != bao.EmptyRoot {
		if size, err = c.findSize(ctx, from, id, &last); err != nil {
			return nil, err
		}
	}
	part, err := c.store.Partial(ctx, id, size)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	if err := last.keepIn(part, size); err != nil {
		return nil, err
	}
	progress(part.Written(), size)
	seen.size.Store(size)
	seen.held.Store(part.Written())
	p := newPull(c, id, size, part, progress, seen)
	seen.explain(p.bottleneck)
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

// findSize returns the size of a blob: the store's if it holds the whole blob, else
// what a source states and its last segment proves.
func (c *Client) findSize(ctx context.Context, from Sources, id pdx.ContentID, proof *lastSegment) (uint64, error) {
	if info, err := c.store.Stat(ctx, id); err == nil && info.Complete {
		return info.Size, nil
	}
	var errs []error
	for _, source := range firstOf(ctx, from) {
		size, err := c.provenSize(ctx, source, id, proof)
		if err == nil {
			return size, nil
		}
		if ctx.Err() != nil {
			return 0, err
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return 0, errNoSource
	}
	return 0, errors.Join(errs...)
}

// firstOf returns the sources that are named first.
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

// provenSize returns the size that one source states and proves by the last segment.
func (c *Client) provenSize(ctx context.Context, from peer.ID, id pdx.ContentID, proof *lastSegment) (uint64, error) {
	defer connmgr.Begin(c.host, from).End()
	size, err := c.patiently(ctx, func() (uint64, error) { return c.probe(ctx, from, request{id: id}, 0, proof) })
	switch {
	case err != nil:
		return 0, err
	case size > c.maxSize:
		return 0, &PeerError{from, fmt.Errorf("%w: stated size is %d bytes: the limit is %d where the size is not known beforehand",
			pdx.ErrInvalid, size, c.maxSize)}
	case size == 0:
		return 0, &PeerError{from, fmt.Errorf("stated size is 0 for a blob that is not empty: %w", pdx.ErrCorrupt)}
	}
	last := request{id: id, runs: bao.Ranges{{First: bao.Segments(size) - 1, Count: 1}}}
	return c.patiently(ctx, func() (uint64, error) { return c.probe(ctx, from, last, size, proof) })
}

// patiently repeats ask while the peer is busy, for as long as the retry policy allows.
func (c *Client) patiently(ctx context.Context, ask func() (uint64, error)) (uint64, error) {
	end := time.Now().Add(c.limits.retry.Patience)
	for {
		size, err := ask()
		wait, busy := c.limits.retry.IsBusy(err)
		if !busy || time.Now().Add(wait).After(end) {
			return size, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(wait):
		}
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

func (c *Client) probeOn(stream network.Stream, q request, size uint64, sink bao.Sink) (uint64, error) {
	if err := stream.SetDeadline(time.Now().Add(c.limits.statusTime)); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	writeErr := writeFrame(stream, q.message())
	if writeErr == nil {
		writeErr = stream.CloseWrite()
	}
	in := bufio.NewReaderSize(stream, readBuffer)
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
	if err := stream.SetReadDeadline(time.Now().Add(c.limits.segmentTime)); err != nil {
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

// lastSegment is the sink for the segment that proves a size.
type lastSegment struct {
	number uint64
	data   []byte // nil before it came
}

func (*lastSegment) PutNode(uint64, bao.Node) error { return nil }

// PutSegment keeps a copy of the verified segment.
func (l *lastSegment) PutSegment(number uint64, data []byte) error {
	l.number, l.data = number, slices.Clone(data)
	return nil
}

// keepIn stores the segment if it is the whole blob, so that a small document is not
// fetched twice. Of a larger blob it is fetched again, with its nodes.
func (l *lastSegment) keepIn(part blob.Partial, size uint64) error {
	if l.data == nil || bao.Segments(size) != 1 || part.NextMissing(0, 1).Count == 0 {
		return nil
	}
	return part.PutSegment(l.number, l.data)
}
