package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

const (
	// maxRequest bounds one request: a criteria document with its schemas.
	maxRequest = 16 << 20
	// headerTimeout is generous for a socket on the same machine.
	headerTimeout = 10 * time.Second
	// maxSocketPath is what sockaddr_un takes on every system.
	maxSocketPath = 103
)

// ServerConfig is what a Server works with.
type ServerConfig struct {
	Socket  string // path
	Handler nodepbconnect.NodeServiceHandler
	Options []connect.HandlerOption // such as WithPatience; they go after the server's own
}

// Server serves the API on a unix socket.
type Server struct {
	path string
	http *http.Server
	life lifecycle.Group
}

// NewServer prepares the API of a node and starts nothing.
func NewServer(c ServerConfig) (*Server, error) {
	if err := need.All(c, "Options"); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if len(c.Socket) > maxSocketPath {
		return nil, fmt.Errorf("api.socket = %q: %w: a socket's path is at most %d bytes long; choose a shorter one", c.Socket, pdx.ErrInvalid,
			maxSocketPath)
	}
	s := &Server{path: c.Socket}
	mux := http.NewServeMux()
	own := []connect.HandlerOption{connect.WithInterceptors(endStreams{&s.life}), connect.WithReadMaxBytes(maxRequest)}
	mux.Handle(NewHandler(c.Handler, slices.Concat(own, strict(), c.Options)...))
	profiles(mux)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // gRPC speaks HTTP/2; the socket is the machine's own
	s.http = &http.Server{Handler: mux, Protocols: protocols, ReadHeaderTimeout: headerTimeout}
	return s, nil
}

// endStreams is the interceptor that ends streams, which have no end of their
// own, when the server stops.
type endStreams struct{ server *lifecycle.Group }

func (e endStreams) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc { return next }

func (e endStreams) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (e endStreams) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, leave, err := e.server.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		return next(ctx, conn)
	}
}

// NewHandler answers calls, with this package's errors, and says below which
// path; more options go after its own.
func NewHandler(handler nodepbconnect.NodeServiceHandler, more ...connect.HandlerOption) (string, http.Handler) {
	options := []connect.HandlerOption{connect.WithInterceptors(mapErrors{}), connect.WithRecover(recovered)}
	return nodepbconnect.NewNodeServiceHandler(handler, append(options, more...)...)
}

// recovered answers for a handler that panicked; the process goes on.
func recovered(_ context.Context, _ connect.Spec, _ http.Header, cause any) error {
	return connect.NewError(connect.CodeInternal, fmt.Errorf("the node failed on this request: %v", cause))
}

// Start listens; a socket that a killed process left behind is replaced. It may be
// called once.
func (s *Server) Start(ctx context.Context) error {
	var listener net.Listener
	err := s.life.Start(ctx, func() (err error) {
		listener, err = listen(ctx, s.path)
		return err
	})
	if err != nil {
		return err
	}
	s.life.Go(func(context.Context) { _ = s.http.Serve(listener) }) // ends with Shutdown or Close
	return nil
}

func listen(ctx context.Context, path string) (net.Listener, error) {
	var config net.ListenConfig
	defer private()() // nobody else can connect before the mode is set
	listener, err := config.Listen(ctx, "unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
			conn.Close()
			return nil, fmt.Errorf("%s: %w: another process answers there", path, pdx.ErrWrongState)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("replace %s: %w", path, err)
		}
		listener, err = config.Listen(ctx, "unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w: %v: see api.socket", path, pdx.ErrUnavailable, err)
	}
	return listener, os.Chmod(path, 0o600)
}

// Stop ends streams at once and lets calls in hand end until ctx does, then cuts
// them off.
func (s *Server) Stop(ctx context.Context) error {
	streams := make(chan error, 1)
	go func() { streams <- s.life.Stop(ctx) }()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	return errors.Join(err, <-streams)
}
