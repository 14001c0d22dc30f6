package localnet

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/cometbft/cometbft/libs/log"
	cmtnode "github.com/cometbft/cometbft/node"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
)

// rpcServer is CometBFT's RPC on a listener of our own. CometBFT's server has
// neither a way to learn the port nor an end for open connections.
type rpcServer struct {
	http *http.Server

	mu         sync.Mutex
	websockets map[net.Conn]struct{}
}

// newRPC serves the same routes as a Panacea node, /websocket among them. Pages of these
// origins may read its answers; none, if there are none.
func newRPC(comet *cmtnode.Node, origins []string, logger log.Logger) (*rpcServer, error) {
	env, err := comet.ConfigureRPC()
	if err != nil {
		return nil, fmt.Errorf("make RPC server: %w", err)
	}
	cfg, routes := rpcserver.DefaultConfig(), env.GetRoutes()
	// broadcast_tx_commit answers after the block.
	cfg.WriteTimeout = max(cfg.WriteTimeout, 2*env.Config.TimeoutBroadcastTxCommit)
	sockets := rpcserver.NewWebsocketManager(routes,
		rpcserver.OnDisconnect(func(remote string) {
			// A client that subscribed to nothing is not known to the bus.
			_ = env.EventBus.UnsubscribeAll(context.Background(), remote)
		}),
		rpcserver.ReadLimit(cfg.MaxBodyBytes),
		rpcserver.WriteChanCapacity(env.Config.WebSocketWriteBufferSize),
	)
	sockets.SetLogger(logger)
	mux := http.NewServeMux()
	mux.HandleFunc("/websocket", sockets.WebsocketHandler)
	rpcserver.RegisterRPCFuncs(mux, routes, logger)
	s := &rpcServer{websockets: make(map[net.Conn]struct{})}
	s.http = &http.Server{
		Handler:           readableBy(origins, rpcserver.PreChecksHandler(rpcserver.RecoverAndLogHandler(mux, logger), cfg)),
		ReadTimeout:       cfg.ReadTimeout,
		ReadHeaderTimeout: cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		MaxHeaderBytes:    cfg.MaxHeaderBytes,
		ConnState:         s.remember,
	}
	return s, nil
}

// remember keeps the connections that became websockets: an HTTP server forgets them.
func (s *rpcServer) remember(conn net.Conn, state http.ConnState) {
	if state == http.StateHijacked {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.websockets[conn] = struct{}{}
	}
}

// stop ends every connection.
func (s *rpcServer) stop() error {
	err := s.http.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.websockets {
		_ = conn.Close()
	}
	clear(s.websockets)
	return err
}
