package erasure

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/erasure/erasurepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/stream"
)

// Handler is the buyer behind the server.
type Handler interface {
	// Take checks a request of a seller and keeps it; it returns the buyer's answer, nil
	// before there is one. pdx.ErrRefused, pdx.ErrInvalid and pdx.ErrWrongState refuse it for
	// good; after every other error it may come again.
	Take(ctx context.Context, seller pdx.Address, r Request) (*model.ErasureAnswer, error)
}

// ServerConfig is what a server works with.
type ServerConfig struct {
	Host    host.Host
	ChainID string
	Handler Handler
	// Account returns the account that a peer proved to speak for. Its errors answer
	// the peer like those of the Handler.
	Account func(ctx context.Context, id peer.ID) (pdx.Address, error)
	Metrics *stream.Metrics // may be nil
	Log     *slog.Logger    // nil is silent
}

// NewServer returns a server that takes requests between Start and Stop.
func NewServer(c ServerConfig) (*stream.Server, error) {
	if c.ChainID == "" || c.Handler == nil || c.Account == nil {
		return nil, fmt.Errorf("erasure server: %w: chain id, handler and account are needed", pdx.ErrInvalid)
	}
	return stream.NewServer(stream.Config{
		Host: c.Host, Service: service, Limits: limits, Kinds: kinds, Account: c.Account, Metrics: c.Metrics, Log: c.Log,
		Handlers: map[protocol.ID]stream.Handler{Protocol(c.ChainID): func(ctx context.Context, s *stream.ServerStream) error {
			return serve(ctx, s, c.Handler)
		}},
	})
}

// serve reads one request and answers it.
func serve(ctx context.Context, s *stream.ServerStream, h Handler) error {
	var m erasurepb.Request
	if err := s.ReadFrame(&m, readTimeout); err != nil {
		return err
	}
	r, err := decodeRequest(&m)
	if err != nil {
		return err
	}
	return s.WriteFrame(encodeAnswer(take(ctx, s, h, r)), readTimeout)
}

func take(ctx context.Context, s *stream.ServerStream, h Handler, r Request) (*model.ErasureAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	seller, err := s.Account(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Serve().End()
	return h.Take(ctx, seller, r)
}
