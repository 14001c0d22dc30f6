package stream

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
)

// past is a deadline that ends a read under way.
var past = time.Unix(1, 0)

// A Stream is a libp2p stream, at either end of a protocol, that reads and writes
// frames.
type Stream struct {
	network.Stream
	server *Server      // nil at the client
	group  netip.Prefix // of the remote address
	frame  int          // longest frame that is read
	in     *bufio.Reader
	// explain gives an error of the stream the kind that it has for the protocol.
	explain func(error) error

	deadlines sync.Mutex // guards why, and the order of read deadlines
	why       error      // set when reads were interrupted
}

func newStream(s network.Stream, frame int, explain func(error) error) *Stream {
	return &Stream{Stream: s, frame: frame, explain: explain, in: bufio.NewReaderSize(s, min(frame, readBuffer))}
}

// Peer returns the peer at the other end.
func (s *Stream) Peer() peer.ID { return s.Conn().RemotePeer() }

// Group returns the address group of the peer.
func (s *Stream) Group() netip.Prefix { return s.group }

// Account returns what Config.Account returns for the peer. Only a server's streams
// have it.
func (s *Stream) Account(ctx context.Context) (pdx.Address, error) {
	account, err := s.server.cfg.Account(ctx, s.Peer())
	if err != nil {
		return "", fmt.Errorf("account of peer %s: %w", s.Peer(), err)
	}
	return account, nil
}

// Allow takes n tokens from the bucket of the peer's address group if it holds at least
// n, and reports whether it did. Only a server's streams can call it.
func (s *Stream) Allow(n int) bool { return s.server.groups.Allow(s.group, n, time.Now()) }

// Charge takes n tokens from the bucket of the peer's address group for work already
// done; a negative n returns tokens (see Buckets.Charge). Only a server's streams can
// call it.
func (s *Stream) Charge(n int) { s.server.groups.Charge(s.group, n, time.Now()) }

// Stopping returns a context that ends when the server begins to stop. Use it for work
// that can be abandoned safely and may take longer than a stop should. Only a server's
// streams have it.
func (s *Stream) Stopping() context.Context { return s.server.stopping }

// Await waits until the first byte of the next frame has arrived. It returns io.EOF if
// the peer has closed its side instead.
func (s *Stream) Await(within time.Duration) error {
	if err := s.give(within); err != nil {
		return s.explained(err)
	}
	_, err := s.in.Peek(1)
	return s.explained(err)
}

// ReadFrame reads the next frame into m. The whole frame must arrive within that time.
func (s *Stream) ReadFrame(m proto.Message, within time.Duration) error {
	if err := s.give(within); err != nil {
		return s.explained(err)
	}
	return s.explained(ReadFrame(s.in, s.frame, m))
}

// ReadByte reads one byte. It has no deadline: it returns when the peer sends a byte or
// closes or resets the stream, so a caller that expects no more frames learns when the
// peer leaves.
func (s *Stream) ReadByte() (byte, error) {
	if err := s.deadline(time.Time{}); err != nil {
		return 0, s.explained(err)
	}
	b, err := s.in.ReadByte()
	return b, s.explained(err)
}

// WriteFrame writes m as a frame. The transport must accept it within that time.
func (s *Stream) WriteFrame(m proto.Message, within time.Duration) error {
	if err := s.SetWriteDeadline(time.Now().Add(within)); err != nil {
		return s.explained(err)
	}
	return s.explained(WriteFrame(s.Stream, m))
}

// Interrupt makes all reads, including one in progress, return the error why. Writes
// are not affected.
func (s *Stream) Interrupt(why error) {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.why == nil {
		s.why = why
		_ = s.SetReadDeadline(past)
	}
}

// give gives the peer time to send.
func (s *Stream) give(d time.Duration) error { return s.deadline(time.Now().Add(d)) }

func (s *Stream) deadline(at time.Time) error {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.why != nil {
		return s.why
	}
	return s.SetReadDeadline(at)
}

func (s *Stream) explained(err error) error {
	if err == nil {
		return nil
	}
	s.deadlines.Lock()
	why := s.why
	s.deadlines.Unlock()
	if why != nil {
		err = fmt.Errorf("%w: %w", why, err)
	}
	return s.explain(err)
}
