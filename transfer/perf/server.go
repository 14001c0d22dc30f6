package perf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/stream"
)

// Config configures a server. Host, ChainID and Account are required.
type Config struct {
	Host    host.Host
	ChainID string
	// Account returns the account that a peer has proven to speak for. Peers for which
	// it returns an error are refused; the error is not sent to them.
	Account func(ctx context.Context, id peer.ID) (pdx.Address, error)
	Metrics *stream.Metrics // may be nil
	Log     *slog.Logger    // nil is silent
}

// NewServer returns a server that answers measurements between Start and Stop. Stop
// ends all measurements.
func NewServer(c Config) (*stream.Server, error) {
	if c.ChainID == "" || c.Account == nil {
		return nil, fmt.Errorf("perf server: %w: chain id and account are needed", pdx.ErrInvalid)
	}
	return stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Limits: limits, Kinds: kinds, Account: c.Account, Metrics: c.Metrics, Log: c.Log,
		Handlers: map[protocol.ID]stream.Handler{Protocol(c.ChainID): serve},
		Full:     func(s *stream.ServerStream) error { return answer(s, busy) },
	})
}

// kinds: nothing of this protocol is a frame, and wrong bytes are answered.
var kinds = stream.Kinds{
	Frame: pdx.ErrCorrupt, Unsupported: pdx.ErrUnavailable, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable,
	Failed: network.StreamNoError,
}

func serve(ctx context.Context, s *stream.ServerStream) error {
	defer context.AfterFunc(s.Stopping(), func() { _ = s.ResetWithError(network.StreamShutdown) })()
	if err := s.SetDeadline(time.Now().Add(headTime)); err != nil {
		return err
	}
	up, down, err := readRequest(s)
	if errors.Is(err, pdx.ErrInvalid) {
		return say(s, notRequest)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, headTime)
	defer cancel()
	if _, err := s.Account(ctx); err != nil {
		return answer(s, refused)
	}
	if further := (max(up, down, 1) - 1) / shareBytes; !s.Allow(int(further)) {
		return stream.ErrRateLimited
	}
	hold := s.Transfer()
	defer hold.End()
	return measure(s, hold, up, down)
}

// readRequest reads what is to be measured; pdx.ErrInvalid beyond the bounds.
func readRequest(r io.Reader) (up, down uint64, err error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, err
	}
	up, down = binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:])
	if up > MaxBytes || down > MaxBytes {
		return 0, 0, fmt.Errorf("%d bytes up and %d down: %w: at most %d", up, down, pdx.ErrInvalid, MaxBytes)
	}
	return up, down, nil
}

// measure is the measurement itself, on one stream; each direction has its time.
func measure(s network.Stream, hold *connmgr.Hold, up, down uint64) error {
	moved := func(Sample) { hold.Moved() }
	if err := say(s, goOn); err != nil {
		return err
	}
	if err := s.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if err := newMeter(Up, moved).receive(s, up); err != nil {
		return err
	}
	if err := say(s, goOn); err != nil {
		return err
	}
	if err := s.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	return newMeter(Down, moved).send(s, down)
}

// answer says a byte to a peer whose request may not have been read.
func answer(s network.Stream, what byte) error {
	if err := s.SetDeadline(time.Now().Add(headTime)); err != nil {
		return err
	}
	return say(s, what)
}

func say(w io.Writer, what byte) error {
	_, err := w.Write([]byte{what})
	return err
}
