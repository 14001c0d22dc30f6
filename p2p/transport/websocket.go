package transport

import (
	"net/http"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
)

// WebSocket lets a host use WebSocket besides, for peers in a browser. Noise and yamux run
// inside it.
func WebSocket() libp2p.Option { return libp2p.Transport(newWebSocket) }

const (
	// maxHeader bounds what a stranger may lay into memory before its connection is a
	// WebSocket, in bytes. A browser's header has about 1 KiB; Go's own bound is 1 MiB.
	maxHeader = 8 << 10
	// headerTime is how long the header may take.
	headerTime = 15 * time.Second
)

func newWebSocket(upgrader transport.Upgrader, manager network.ResourceManager) (*websocket.WebsocketTransport, error) {
	return websocket.New(upgrader, manager, nil, websocket.WithHandshakeTimeout(headerTime),
		// Only with a handler of other requests can the server be configured.
		websocket.WithHTTPHandler(http.NotFoundHandler()), websocket.WithHTTPServerConfig(configure))
}

// configure has the server speak HTTP/1 alone, and end a connection that is not to become a
// WebSocket after its first request.
func configure(s *http.Server) {
	s.MaxHeaderBytes = maxHeader
	s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = headerTime, headerTime, headerTime
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.SetKeepAlivesEnabled(false)
}
