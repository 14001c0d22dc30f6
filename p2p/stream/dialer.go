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

	"github.com/medibloc/pdx/p2p/connmgr"
)

// A Dialer opens streams of a protocol. It needs no start or stop.
type Dialer struct {
	Host     host.Host
	Service  string // name in the resource manager, that of the server
	Protocol protocol.ID
	Frame    int // longest frame that is read, in bytes
	Memory   int // reserved for each stream, in bytes
	Kinds    Kinds
	// Strangers says that peers are dialled before anything is known of them. They are
	// then protected from being disconnected as those that this node serves are, and not
	// for as long as talk lasts; see connmgr.Transfer.
	Strangers bool
	Log       *slog.Logger // of panics; nil is silent
}

// Do opens a stream to a peer, which must be connected or have addresses in the host's
// peer store, calls talk, and then resets the stream, with the code of talk's error if
// there is one. A reset can discard written data that has not been sent, so talk should
// end by reading the server's last message. Do also uses connections over relays with
// limits. It resets the stream as soon as ctx ends.
//
// Errors of opening the stream and of its methods are of Kinds; other errors of talk
// are returned unchanged. Do returns Kinds.Lost if talk panics.
//
// Do protects the connection to the peer from being closed for being one too many.
func (d Dialer) Do(ctx context.Context, to peer.ID, talk func(s *Stream) error) error {
	hold := connmgr.Begin
	if d.Strangers {
		hold = connmgr.Transfer
	}
	held := hold(d.Host, to)
	defer held.End()
	raw, err := d.Host.NewStream(network.WithAllowLimitedConn(ctx, d.Service), to, d.Protocol)
	if err != nil {
		return d.Kinds.explain(ctx, err)
	}
	s := newStream(raw, d.Frame, func(err error) error { return d.Kinds.explain(ctx, err) })
	s.heard = held.Moved
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
