package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
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

// Server serves the API on a unix socket.
type Server struct {
	path string
	http *http.Server
	end  context.CancelFunc
	done chan error
}

// NewServer prepares the API of a node on the socket at path; more options, such
// as WithPatience, go after its own.
func NewServer(path string, handler nodepbconnect.NodeServiceHandler, more ...connect.HandlerOption) (*Server, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("api.socket = %q: %w: a socket's path is at most %d bytes long; choose a shorter one", path, pdx.ErrInvalid,
			maxSocketPath)
	}
	streams, end := context.WithCancel(context.Background())
	mux := http.NewServeMux()
	more = append([]connect.HandlerOption{connect.WithInterceptors(endStreams{streams}), connect.WithReadMaxBytes(maxRequest)}, more...)
	mux.Handle(NewHandler(handler, more...))
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // gRPC speaks HTTP/2; the socket is the machine's own
	return &Server{
		path: path, end: end,
		http: &http.Server{Handler: mux, Protocols: protocols, ReadHeaderTimeout: headerTimeout},
		done: make(chan error, 1),
	}, nil
}

// endStreams is the interceptor that ends streams, which have no end of their
// own, when the server stops.
type endStreams struct{ until context.Context }

func (e endStreams) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc { return next }

func (e endStreams) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (e endStreams) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(e.until, cancel)()
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

// Start listens; a socket that a killed process left behind is replaced.
func (s *Server) Start(ctx context.Context) error {
	listener, err := listen(ctx, s.path)
	if err != nil {
		return err
	}
	go func() { s.done <- s.http.Serve(listener) }()
	return nil
}

func listen(ctx context.Context, path string) (net.Listener, error) {
	var config net.ListenConfig
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
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	return err
}
