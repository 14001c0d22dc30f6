package ack

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// Handler is the seller behind the server.
type Handler interface {
	// Take checks a signed ack of a buyer and keeps it; nil when it is on disk.
	// pdx.ErrRefused, pdx.ErrInvalid and pdx.ErrWrongState refuse it for good; after
	// every other error it may come again.
	Take(ctx context.Context, buyer pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error
}

// Config is what a Server works with.
type Config struct {
	Host    host.Host
	ChainID string
	Handler Handler
	// Account returns the account that a peer proved to speak for. Its errors answer
	// the peer like those of the Handler.
	Account func(ctx context.Context, id peer.ID) (pdx.Address, error)
	Metrics *stream.Metrics // may be nil
	Log     *slog.Logger    // nil is silent
}

// NewServer returns a server that takes signed acks between Start and Stop.
func NewServer(c Config) (*stream.Server, error) {
	if c.ChainID == "" || c.Handler == nil || c.Account == nil {
		return nil, fmt.Errorf("ack server: %w: chain id, handler and account are needed", pdx.ErrInvalid)
	}
	return stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Limits: limits, Kinds: kinds, Account: c.Account, Metrics: c.Metrics, Log: c.Log,
		Handlers: map[protocol.ID]stream.Handler{Protocol(c.ChainID): func(ctx context.Context, s *stream.ServerStream) error {
			return serve(ctx, s, c.Handler)
		}},
	})
}

// serve reads one handover and answers it.
func serve(ctx context.Context, s *stream.ServerStream, h Handler) error {
	var m ackpb.Handover
	if err := s.ReadFrame(&m, readTimeout); err != nil {
		return err
	}
	deal, v, err := decode(&m)
	if err != nil {
		return err
	}
	return s.WriteFrame(&ackpb.Answer{Outcome: outcomeOf(take(ctx, s, h, deal, v))}, readTimeout)
}

func take(ctx context.Context, s *stream.ServerStream, h Handler, deal pdx.DealID, v pdx.AckVoucher) error {
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	buyer, err := s.Account(ctx)
	if err != nil {
		return err
	}
	defer s.Serve().End()
	return h.Take(ctx, buyer, deal, v)
}
