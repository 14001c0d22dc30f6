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
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// fetch makes one request to one peer. Everything that sink gets is verified;
// sink's own errors come back as they are, all others as *PeerError or the end
// of ctx. A request without runs asks for the size only; then size is ignored.
func (c *Client) fetch(ctx context.Context, from peer.ID, q request, size uint64, sink bao.Sink) (uint64, error) {
	stream, err := c.open(ctx, from)
	if err != nil {
		return 0, c.blame(ctx, from, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	f := &fetching{Client: c, stream: stream, sink: sink}
	stated, err := f.run(q, size)
	if err == nil {
		_ = stream.Close()
		return stated, nil
	}
	_ = stream.Reset()
	if f.sinkErr != nil {
		return 0, f.sinkErr
	}
	return 0, c.blame(ctx, from, err)
}

// open is a stream to the peer, over a direct connection unless relays are
// allowed.
func (c *Client) open(ctx context.Context, from peer.ID) (network.Stream, error) {
	return c.openFor(ctx, from, c.protocol)
}

// openFor is a stream for that protocol.
func (c *Client) openFor(ctx context.Context, from peer.ID, as protocol.ID) (network.Stream, error) {
	ctx, cancel := context.WithTimeout(c.dialContext(ctx), c.limits.dialTime)
	defer cancel()
	stream, err := c.host.NewStream(ctx, from, as)
	if err != nil {
		// Not wrapped: our own time-out must not look like the end of the caller's context.
		if !c.relayed && c.host.Network().Connectedness(from) == network.Limited {
			return nil, fmt.Errorf("%w: there is only a relayed connection, which is not allowed: %v", pdx.ErrUnavailable, err)
		}
		return nil, fmt.Errorf("%w: open stream: %v", pdx.ErrUnavailable, err)
	}
	if err := c.claim(stream); err != nil {
		_ = stream.Reset()
		return nil, err
	}
	return stream, nil
}

func (c *Client) claim(stream network.Stream) error {
	if err := stream.Scope().SetService(service); err != nil {
		return fmt.Errorf("too many streams: %w", err)
	}
	if err := stream.Scope().ReserveMemory(pullMemory, network.ReservationPriorityMedium); err != nil {
		return fmt.Errorf("no memory for a stream: %w", err)
	}
	return nil
}

// blame says who is answerable for err: the caller, who ended ctx, or the peer.
// What is not known to be worse is a reason to ask again.
func (c *Client) blame(ctx context.Context, from peer.ID, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("pull from %s: %w", from, ctx.Err())
	}
	for _, known := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrNotFound, pdx.ErrInvalid, pdx.ErrUnavailable} {
		if errors.Is(err, known) {
			return &PeerError{Peer: from, Err: err}
		}
	}
	return &PeerError{Peer: from, Err: fmt.Errorf("%w: %w", pdx.ErrUnavailable, err)}
}

// fetching is one request under way.
type fetching struct {
	*Client
	stream  network.Stream
	sink    bao.Sink
	sinkErr error
}

func (f *fetching) run(q request, size uint64) (uint64, error) {
	if err := f.stream.SetDeadline(time.Now().Add(f.limits.statusTime)); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	in := bufio.NewReaderSize(f.stream, readBuffer)
	status, err := f.ask(in, q)
	if err != nil {
		return 0, err
	}
	stated := status.GetSize()
	if len(q.runs) == 0 {
		size = stated
	}
	if stated != size {
		return 0, fmt.Errorf("it states a size of %d bytes, not %d: %w", stated, size, pdx.ErrCorrupt)
	}
	if err := f.extend(); err != nil {
		return 0, err
	}
	return stated, bao.ReadSlices(in, q.id, size, q.runs, f)
}

// ask sends the request and reads the status. A server that is busy may answer
// and close before it has read the request: its answer counts for more than
// that we could not write.
func (f *fetching) ask(in *bufio.Reader, q request) (*transferpb.Status, error) {
	writeErr := writeFrame(f.stream, q.message())
	if writeErr == nil {
		writeErr = f.stream.CloseWrite()
	}
	var status transferpb.Status
	if err := readFrame(in, &status); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.Join(err, writeErr)
		}
		return nil, err
	}
	return &status, errOf(&status)
}

// extend gives the peer time for the next segment.
func (f *fetching) extend() error {
	return f.stream.SetReadDeadline(time.Now().Add(f.limits.segmentTime))
}

// PutNode passes a verified node on.
func (f *fetching) PutNode(split uint64, n bao.Node) error {
	f.sinkErr = f.sink.PutNode(split, n)
	return f.sinkErr
}

// PutSegment passes a verified segment on, which is what earns the peer time.
func (f *fetching) PutSegment(i uint64, data []byte) error {
	if f.sinkErr = f.sink.PutSegment(i, data); f.sinkErr != nil {
		return f.sinkErr
	}
	return f.extend()
}
