package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"

	"connectrpc.com/connect"
	"golang.org/x/net/netutil"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
)

// Config is what a Server needs; Address, Home and API must be given.
type Config struct {
	// Address is host:port of a loopback address.
	Address string
	// Home is the folder that gets the key file, uploads and, below BoughtFolder, what the
	// page orders.
	Home string
	API  API
	Log  *slog.Logger
	// Fees estimates the chain's fees; nil: they are shown as 0.
	Fees func() Fees
	// Patient bounds each question that an action has for the chain; nil: by nothing.
	Patient func(context.Context) context.Context
	// Doctor examines the node's home; nil: it finds nothing.
	Doctor func(context.Context) []api.Health
	// Options are further ones of the calls, such as api.WithPatience.
	Options []connect.HandlerOption
}

// Server serves the page. New wires one.
type Server struct {
	cfg   Config
	page  page
	rpc   http.Handler
	desk  *desk
	http  *http.Server // nil until started
	owner Owner
	done  chan struct{}
}

// New prepares a server; an address that is not a loopback's is pdx.ErrInvalid.
func New(cfg Config) (*Server, error) {
	if err := CheckAddress(cfg.Address); err != nil {
		return nil, fmt.Errorf("api.web = %q: %w", cfg.Address, err)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	files, err := newPage()
	return &Server{cfg: cfg, page: files, rpc: newRPC(cfg.API, cfg.Options), desk: newDesk(cfg), done: make(chan struct{})}, err
}

// Start deletes what uploads left behind, listens, makes the key and writes it into its file.
func (s *Server) Start(ctx context.Context) error {
	if err := s.desk.uploads.sweep(ctx, s.cfg.API); err != nil {
		s.cfg.Log.WarnContext(ctx, "uploads that are not registered could not be deleted", "error", err)
	}
	listener, err := s.listen(ctx)
	if err != nil {
		return err
	}
	s.owner.key = newKey()
	g := &guard{key: s.owner.key, page: s.page, rpc: s.rpc, desk: s.desk}
	s.owner.base, g.hosts = hostsOf(s.cfg.Address, listener)
	if err := s.owner.write(s.cfg.Home); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.http = &http.Server{
		Handler: g, MaxHeaderBytes: maxHeader, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		WriteTimeout: answerTimeout, IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	go s.serve(netutil.LimitListener(listener, maxConns))
	return nil
}

func (s *Server) listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("api.web = %q: %w: %w", s.cfg.Address, pdx.ErrUnavailable, err)
	}
	if !loopback(listener) {
		listener.Close()
		return nil, fmt.Errorf("api.web = %q: %w: resolves to %s, which is not a loopback address; use 127.0.0.1", s.cfg.Address, pdx.ErrInvalid,
			listener.Addr())
	}
	return listener, nil
}

func (s *Server) serve(listener net.Listener) {
	defer close(s.done)
	if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		s.cfg.Log.Error("page server failed", "error", err)
	}
}

// Owner makes links to the page.
func (s *Server) Owner() Owner { return s.owner }

// Stop revokes all links, waits for calls in progress until ctx ends, then cuts them
// off. It is idempotent.
func (s *Server) Stop(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	forgotten := os.Remove(TokenFile(s.cfg.Home))
	if errors.Is(forgotten, os.ErrNotExist) {
		forgotten = nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.done
	return errors.Join(err, forgotten)
}
