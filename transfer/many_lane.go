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
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// session opens a stream and asks for one frame after another, several under way
// at a time, until there is none or an error. What was not answered goes back.
func (p *manyPull) session(ctx context.Context) error {
	stream, err := p.openFor(ctx, p.from, p.many)
	if err != nil {
		return p.blame(ctx, p.from, p.noBatches(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	p.seen.opened(stream.Conn(), 1)
	defer p.seen.opened(nil, -1)
	r := &manyReading{manyPull: p, ctx: ctx, stream: stream, in: bufio.NewReaderSize(stream, readBuffer)}
	answered, err := r.all()
	switch {
	case err == nil:
		_ = stream.Close()
		return nil
	case r.own:
		_ = stream.Reset()
		return err
	case answered > 0 && errors.Is(err, errEnded):
		_ = stream.Close() // between two answers a holder may end the stream
		return nil
	}
	_ = stream.Reset()
	return p.blame(ctx, p.from, err)
}

// noBatches is ErrNoBatches when the peer has said what it serves, and this is
// not among it.
func (p *manyPull) noBatches(err error) error {
	store := p.host.Peerstore()
	all, allErr := store.GetProtocols(p.from)
	if allErr == nil && len(all) > 0 && !slices.Contains(all, p.many) {
		return ErrNoBatches
	}
	return err
}

// manyReading is a stream that answers are read from.
type manyReading struct {
	*manyPull
	ctx    context.Context
	stream network.Stream
	in     *bufio.Reader
	own    bool // the error is this machine's
	since  time.Time
	status transferpb.Status // of a root; one for all
	buf    [bao.SegmentSize]byte
}

// all asks and reads until there is nothing more to ask for.
func (r *manyReading) all() (answered int, err error) {
	var under [][]pdx.ContentID
	defer func() { r.giveBack(slices.Concat(under...)) }()
	for {
		var writeErr error
		for writeErr == nil && len(under) < r.limits.manyDepth {
			frame := r.take()
			if frame == nil {
				break
			}
			under = append(under, frame)
			writeErr = r.ask(frame)
		}
		if len(under) == 0 {
			return answered, nil
		}
		n, err := r.answer(under[0], writeErr)
		under[0] = under[0][n:]
		if err != nil {
			return answered, err
		}
		under, answered = under[1:], answered+1
	}
}

func (r *manyReading) ask(frame []pdx.ContentID) error {
	if err := r.stream.SetWriteDeadline(time.Now().Add(r.limits.statusTime)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	return writeFrame(r.stream, manyMessage(frame))
}

// answer reads the answer to a frame; n is of how many roots it was there. A
// server that is busy may answer and end the stream before it has read the
// request: its answer counts for more than that we could not write.
func (r *manyReading) answer(frame []pdx.ContentID, writeErr error) (n int, err error) {
	if err := r.extend(r.limits.statusTime); err != nil {
		return 0, err
	}
	if _, err := r.in.Peek(1); errors.Is(err, io.EOF) {
		return 0, errors.Join(errEnded, writeErr)
	}
	var status transferpb.Status
	if err := readFrame(r.in, &status); err != nil {
		return 0, errors.Join(err, writeErr)
	}
	if err := errOf(&status); err != nil {
		return 0, err
	}
	if err := r.extend(r.limits.segmentTime); err != nil {
		return 0, err
	}
	came := 0
	defer func() { r.verified(came) }()
	for n, id := range frame {
		size, err := r.one(id)
		if err != nil {
			return n, err
		}
		came += size
	}
	return len(frame), nil
}

// one reads what the peer says to one root, and keeps the blob of that size. A blob
// that is right is what earns the peer time.
func (r *manyReading) one(id pdx.ContentID) (size int, err error) {
	r.status.Reset()
	if err := readFrame(r.in, &r.status); err != nil {
		return 0, err
	}
	switch err := errOf(&r.status); {
	case err == nil:
	case errors.Is(err, pdx.ErrCorrupt):
		return 0, err
	case r.status.GetCode() == transferpb.Code_CODE_BAD_REQUEST:
		return 0, fmt.Errorf("it calls a root of a good request bad: %w", pdx.ErrCorrupt)
	default:
		r.refuse(id, err)
		return 0, nil
	}
	data, err := r.body(id, r.status.GetSize())
	if err != nil {
		return 0, err
	}
	if err := r.saver.put(r.ctx, id, data); err != nil {
		r.own = true
		return 0, err
	}
	if time.Since(r.since) < r.limits.segmentTime/10 {
		return len(data), nil
	}
	return len(data), r.extend(r.limits.segmentTime)
}

// body is the bytes of a blob, verified.
func (r *manyReading) body(id pdx.ContentID, size uint64) ([]byte, error) {
	if size > blob.MaxSmall {
		return nil, fmt.Errorf("it states a size of %d bytes, which is not small: %w", size, pdx.ErrCorrupt)
	}
	data := r.buf[:size]
	if size > 0 {
		var prefix [bao.SlicePrefix]byte
		if _, err := io.ReadFull(r.in, prefix[:]); err != nil {
			return nil, fmt.Errorf("read blob: %w", cutShort(err))
		}
		if stated := binary.LittleEndian.Uint64(prefix[:]); stated != size {
			return nil, fmt.Errorf("it states a size of %d bytes, and of %d before: %w", stated, size, pdx.ErrCorrupt)
		}
		if _, err := io.ReadFull(r.in, data); err != nil {
			return nil, fmt.Errorf("read blob: %w", cutShort(err))
		}
	}
	return data, blob.VerifySmall(id, data)
}

// extend gives the peer time.
func (r *manyReading) extend(by time.Duration) error {
	r.since = time.Now()
	return r.stream.SetReadDeadline(r.since.Add(by))
}
