package transfer

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// session opens a stream and asks for one frame after another, several under way
// at a time, until no root is left or an error ends it. Roots that were not answered
// are queued again.
func (p *batchPull) session(ctx context.Context) error {
	stream, err := p.client.open(ctx, p.from, p.client.blobs)
	if err != nil {
		return blame(ctx, p.from, p.noBatches(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	p.route.Opened(stream.Conn(), 1)
	defer p.route.Opened(nil, -1)
	r := &batchResponse{pull: p, stream: stream, in: bufio.NewReaderSize(stream, readBuffer)}
	answered, err := r.all(ctx)
	// Between two answers a holder may end the stream.
	if err == nil || !r.own && answered > 0 && errors.Is(err, errEnded) {
		_ = stream.Close()
		return nil
	}
	_ = stream.Reset()
	if r.own {
		return err
	}
	return blame(ctx, p.from, err)
}

// noBatches returns ErrNoBatches when the peer has said which protocols it serves, and
// this one is not among them; else err.
func (p *batchPull) noBatches(err error) error {
	all, readErr := p.client.host.Peerstore().GetProtocols(p.from)
	if readErr == nil && len(all) > 0 && !slices.Contains(all, p.client.blobs) {
		return ErrNoBatches
	}
	return err
}

// batchResponse is a stream that the answers to frames of roots are read from.
type batchResponse struct {
	pull   *batchPull
	stream network.Stream
	in     *bufio.Reader
	own    bool // the error is this machine's
	since  time.Time
	status transferpb.Status // of a root; one for all
	buf    [bao.SegmentSize]byte
}

// all asks and reads until no root is left, and returns how many frames were answered.
func (r *batchResponse) all(ctx context.Context) (answered int, err error) {
	var frames [][]pdx.ContentID // asked for and not answered
	defer func() { r.pull.giveBack(slices.Concat(frames...)) }()
	for {
		var writeErr error
		for writeErr == nil && len(frames) < r.pull.client.limits.batchDepth {
			if answered+len(frames) > 0 && r.pull.client.outdated(r.stream.Conn()) {
				break // the next session is on the better connection
			}
			frame := r.pull.take()
			if frame == nil {
				break
			}
			frames = append(frames, frame)
			writeErr = r.ask(frame)
		}
		if len(frames) == 0 {
			return answered, nil
		}
		n, err := r.answer(ctx, frames[0], writeErr)
		frames[0] = frames[0][n:]
		if err != nil {
			return answered, err
		}
		frames, answered = frames[1:], answered+1
	}
}

func (r *batchResponse) ask(frame []pdx.ContentID) error {
	if err := r.stream.SetWriteDeadline(time.Now().Add(r.pull.client.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	return stream.WriteFrame(r.stream, manyMessage(frame))
}

// answer reads the answer to a frame and returns how many of its roots were answered.
// writeErr is not nil when the frame could not be written.
func (r *batchResponse) answer(ctx context.Context, frame []pdx.ContentID, writeErr error) (n int, err error) {
	l := &r.pull.client.limits
	if err := r.extend(l.statusTime); err != nil {
		return 0, err
	}
	if _, err := readStatus(r.in, writeErr); err != nil {
		return 0, err
	}
	if err := r.extend(l.segmentTime); err != nil {
		return 0, err
	}
	verified := 0
	defer func() { r.pull.verified(verified) }()
	for n, id := range frame {
		size, err := r.one(ctx, id)
		if err != nil {
			return n, err
		}
		verified += size
	}
	return len(frame), nil
}

// one reads the answer to one root, stores the blob if there is one, and returns its
// size. Each verified blob extends the peer's deadline.
func (r *batchResponse) one(ctx context.Context, id pdx.ContentID) (size int, err error) {
	r.status.Reset()
	if err := readFrame(r.in, &r.status); err != nil {
		return 0, err
	}
	switch err := errOf(&r.status); {
	case err == nil:
	case errors.Is(err, pdx.ErrCorrupt):
		return 0, err
	case r.status.GetCode() == transferpb.Code_CODE_BAD_REQUEST:
		return 0, fmt.Errorf("peer calls a root of a valid request bad: %w", pdx.ErrCorrupt)
	default:
		r.pull.refuse(id, err)
		return 0, nil
	}
	data, err := r.body(id, r.status.GetSize())
	if err != nil {
		return 0, err
	}
	if err := r.pull.batches.Put(ctx, id, data); err != nil {
		r.own = true
		return 0, err
	}
	if segmentTime := r.pull.client.limits.segmentTime; time.Since(r.since) > segmentTime/10 {
		err = r.extend(segmentTime)
	}
	return len(data), err
}

// body reads and verifies the bytes of a blob.
func (r *batchResponse) body(id pdx.ContentID, size uint64) ([]byte, error) {
	if size > blob.MaxSmall {
		return nil, fmt.Errorf("stated size of %d bytes is not small: %w", size, pdx.ErrCorrupt)
	}
	data := r.buf[:size]
	if size > 0 {
		var prefix [bao.SlicePrefix]byte
		if _, err := io.ReadFull(r.in, prefix[:]); err != nil {
			return nil, fmt.Errorf("read blob: %w", stream.CutShort(err))
		}
		if stated := binary.LittleEndian.Uint64(prefix[:]); stated != size {
			return nil, fmt.Errorf("stated size is %d bytes, and was %d before: %w", stated, size, pdx.ErrCorrupt)
		}
		if _, err := io.ReadFull(r.in, data); err != nil {
			return nil, fmt.Errorf("read blob: %w", stream.CutShort(err))
		}
	}
	return data, blob.VerifySmall(id, data)
}

// extend gives the peer more time.
func (r *batchResponse) extend(by time.Duration) error {
	r.since = time.Now()
	return r.stream.SetReadDeadline(r.since.Add(by))
}
