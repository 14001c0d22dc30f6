package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Dialer opens streams of a protocol. It is a value without a life of its own.
type Dialer struct {
	Host     host.Host
	Service  string // as at the server
	Protocol protocol.ID
	Frame    int // longest frame that is read, in bytes
	Memory   int // reserved for each stream, in bytes
	Kinds    Kinds
	Log      *slog.Logger // of panics; nil is silent
}

// Do opens a stream to a peer, which must be connected or have addresses in the
// host's peer store, calls talk, and then resets the stream, with the code of talk's
// error if there is one. A reset can drop what was written and not sent, so talk ends by
// reading the server's last message.
// Connections that a relay limits are used, too. The end of ctx resets the stream at
// once.
//
// Errors of the stream and of its methods have the protocol's kinds; those of talk
// are returned as they are. A panic of talk is Kinds.Lost.
func (d Dialer) Do(ctx context.Context, to peer.ID, talk func(s *Stream) error) error {
	raw, err := d.Host.NewStream(network.WithAllowLimitedConn(ctx, d.Service), to, d.Protocol)
	if err != nil {
		return d.Kinds.explain(ctx, err)
	}
	s := newStream(raw, d.Frame, func(err error) error { return d.Kinds.explain(ctx, err) })
	defer context.AfterFunc(ctx, func() { _ = raw.ResetWithError(d.Kinds.Failed) })()
	err = d.guarded(s, talk)
	code := network.StreamNoError
	if err != nil {
		code = d.Kinds.CodeOf(err)
	}
	_ = raw.ResetWithError(code)
	return err
}

// guarded reserves what the stream costs and calls talk.
func (d Dialer) guarded(s *Stream, talk func(s *Stream) error) (err error) {
	log := d.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if errors.Is(err, ErrPanic) {
			err = s.explain(err)
		}
	}()
	defer recovered(log, s, &err)
	if err := s.Scope().SetService(d.Service); err != nil {
		return s.explain(fmt.Errorf("%w: %w", ErrNoMemory, err))
	}
	if err := s.Scope().ReserveMemory(d.Memory, network.ReservationPriorityAlways); err != nil {
		return s.explain(fmt.Errorf("%w: %w", ErrNoMemory, err))
	}
	defer s.Scope().ReleaseMemory(d.Memory)
	return talk(s)
}
