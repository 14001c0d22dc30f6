package path

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.perf"

// Protocol is the protocol's name on the chain with that id.
func Protocol(chainID string) protocol.ID { return protocol.ID("/pdx/" + chainID + "/perf/1") }

// Direction of the bytes of a measurement, as the asker sees it.
type Direction string

// The directions, in the order in which they are measured.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// Sample is how far one direction is.
type Sample struct {
	Direction Direction
	Bytes     uint64
	Took      time.Duration
	Done      bool // the last one of its direction
}

// Rate is bytes a second; 0 before any time has passed.
func (s Sample) Rate() float64 {
	if s.Took <= 0 {
		return 0
	}
	return float64(s.Bytes) / s.Took.Seconds()
}

// The byte with which an answerer begins.
const (
	goOn byte = iota
	busy
	refused
	notRequest
)

// Perf sends up bytes to a peer and receives down bytes from it, and tells
// progress how far it is, several times a second and at the end of each
// direction that has bytes. A direction that lasts MaxTime ends the measurement
// there, without an error. Limited connections count, but they end when their
// relay says so.
//
// Errors: pdx.ErrInvalid for bytes beyond MaxBytes; of the peer pdx.ErrRefused,
// pdx.ErrCorrupt, or pdx.ErrUnavailable (busy, gone, or it does not speak the
// protocol).
func Perf(ctx context.Context, h host.Host, chainID string, to peer.ID, up, down uint64, progress func(Sample)) error {
	if up > MaxBytes || down > MaxBytes || up+down == 0 {
		return fmt.Errorf("measure %d bytes up and %d down: %w: 1 to %d each way", up, down, pdx.ErrInvalid, MaxBytes)
	}
	stream, err := open(ctx, h, chainID, to)
	if err != nil {
		return fmt.Errorf("measure the path to %s: %w", to, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Reset() })
	defer stop()
	defer stream.Reset() //nolint:errcheck // all that was wanted has come, or nothing more will
	err = ask(stream, up, down)
	if err == nil {
		err = measure(stream, up, down, progress)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errLong):
		return nil
	case err != nil:
		return fmt.Errorf("measure the path to %s: %w", to, blame(err))
	}
	return nil
}

func open(ctx context.Context, h host.Host, chainID string, to peer.ID) (network.Stream, error) {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, service), headTime)
	defer cancel()
	stream, err := h.NewStream(ctx, to, Protocol(chainID))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", pdx.ErrUnavailable, err)
	}
	if err := stream.Scope().SetService(service); err != nil {
		_ = stream.Reset()
		return nil, fmt.Errorf("%w: too many streams: %v", pdx.ErrUnavailable, err)
	}
	return stream, nil
}

func ask(stream network.Stream, up, down uint64) error {
	if err := stream.SetDeadline(time.Now().Add(headTime)); err != nil {
		return err
	}
	if _, err := stream.Write(request(up, down)); err != nil {
		return err
	}
	return expectGo(stream)
}

func request(up, down uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, up), down)
}

// expectGo reads the byte that lets a measurement go on.
func expectGo(r io.Reader) error {
	var answer [1]byte
	if _, err := io.ReadFull(r, answer[:]); err != nil {
		return err
	}
	switch answer[0] {
	case goOn:
		return nil
	case busy:
		return fmt.Errorf("%w: it measures for others now; try again in a few seconds", pdx.ErrUnavailable)
	case refused:
		return fmt.Errorf("%w: it measures only with peers whose account it knows", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: it answered %d", pdx.ErrCorrupt, answer[0])
}

func measure(stream network.Stream, up, down uint64, progress func(Sample)) error {
	if up > 0 {
		m := newMeter(Up, progress)
		if err := stream.SetDeadline(m.end()); err != nil {
			return err
		}
		if err := m.send(stream, up); err != nil {
			return m.cut(err)
		}
		if err := expectGo(stream); err != nil { // it has them all
			return m.cut(err)
		}
		m.done()
	} else if err := expectGo(stream); err != nil {
		return err
	}
	if down == 0 {
		return nil
	}
	m := newMeter(Down, progress)
	if err := stream.SetDeadline(m.end()); err != nil {
		return err
	}
	if err := m.receive(stream, down); err != nil {
		return m.cut(err)
	}
	m.done()
	return nil
}

// blame says whose an error is: what is not known to be worse is a reason to ask again.
func blame(err error) error {
	for _, known := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrUnavailable} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %v", pdx.ErrUnavailable, err)
}
