package perf

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
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/multiconn"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.perf"

// Protocol returns the name of Perf's protocol on a chain.
func Protocol(chainID string) protocol.ID { return protocol.ID("/pdx/" + chainID + "/perf/1") }

// A Direction is that of a measurement's bytes as the asker sees it.
type Direction string

// The directions, in the order in which they are measured.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// A Sample is the progress of one direction so far.
type Sample struct {
	Direction Direction
	Bytes     uint64
	Took      time.Duration
	Done      bool // whether this is the last sample of its direction
}

// Rate returns bytes per second, or 0 if no time has passed.
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

// Perf sends up bytes to a peer and then receives down bytes from it. It calls progress
// several times per second and at the end of each direction. It uses as many streams
// and connections as a pull and counts their bytes together; the shares of streams that
// the peer refuses or resets are not measured. A direction that reaches MaxTime ends
// the measurement without an error. Perf also uses limited connections, until their
// relay ends them.
//
// Perf returns pdx.ErrInvalid if up or down exceeds MaxBytes or both are 0;
// pdx.ErrRefused, pdx.ErrCorrupt or pdx.ErrUnavailable (the peer is busy, gone, or does
// not speak the protocol) for a failure of the peer; and the error of ctx.
func Perf(ctx context.Context, h host.Host, chainID string, to peer.ID, up, down uint64, progress func(Sample)) error {
	return asker{h, Protocol(chainID), to, multiconn.GuessRate}.perf(ctx, share{up, down}, progress)
}

func (a asker) perf(ctx context.Context, all share, progress func(Sample)) error {
	if all.up > MaxBytes || all.down > MaxBytes || all == (share{}) {
		return fmt.Errorf("measure %d bytes up and %d down: %w: 1 to %d each way", all.up, all.down, pdx.ErrInvalid, MaxBytes)
	}
	err := a.measure(ctx, all, progress)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil, errors.Is(err, errLong):
		return nil
	}
	return fmt.Errorf("measure the path to %s: %w", a.to, blame(err))
}

// measure opens the streams and measures one direction after the other on all of
// them.
func (a asker) measure(ctx context.Context, all share, progress func(Sample)) error {
	defer connmgr.Begin(a.host, a.to).End()
	if err := a.connect(ctx); err != nil {
		return err
	}
	lease, n := a.widen(ctx)
	defer lease.Release()
	streams, err := a.open(ctx, all.split(n))
	defer streams.reset() // all that was wanted has come, or nothing more will
	if err != nil {
		return err
	}
	streams, err = streams.each(newMeter(Up, progress), (*part).send)
	if err != nil || all.down == 0 {
		return err
	}
	_, err = streams.each(newMeter(Down, progress), (*part).receive)
	return err
}

// ask asks for a measurement on a stream and waits until it is let in.
func ask(stream network.Stream, s share, until time.Time) error {
	if err := stream.SetDeadline(until); err != nil {
		return err
	}
	if _, err := stream.Write(request(s.up, s.down)); err != nil {
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

// blame says whose an error is: what is not known to be worse is a reason to ask again.
func blame(err error) error {
	for _, known := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrUnavailable} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %v", pdx.ErrUnavailable, err)
}
