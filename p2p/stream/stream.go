package stream

import (
	"bufio"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"
)

// past is a deadline that ends a read under way.
var past = time.Unix(1, 0)

// A Stream is a libp2p stream, at either end of a protocol, that reads and writes
// frames. A server's is a ServerStream.
type Stream struct {
	network.Stream
	frame int // longest frame that is read
	in    *bufio.Reader
	heard func() // called after each frame; may be nil
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
	err := ReadFrame(s.in, s.frame, m)
	if err == nil && s.heard != nil {
		s.heard()
	}
	return s.explained(err)
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
