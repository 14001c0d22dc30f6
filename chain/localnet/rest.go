package localnet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cosmossdk.io/log"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/rs/cors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Bounds of the REST server.
const (
	// restCalls is how many requests may be worked on at once; one more is told to
	// come again. Each holds a gRPC stream and its answer in memory.
	restCalls = 64
	// restTime bounds a request from its header to the end of its answer.
	restTime = 30 * time.Second
	// restHeaderTime bounds the wait for a header, restIdle for the next request.
	restHeaderTime = 5 * time.Second
	restIdle       = time.Minute
	// restHeader bounds a header: a path of a root and a query with a page key.
	restHeader = 16 << 10
	// restBody bounds what is posted: a transaction of CometBFT's 1 MiB in base64.
	restBody = 2 << 20
	// restAnswer bounds what the gateway takes from gRPC, as the SDK does.
	restAnswer = serverconfig.DefaultGRPCMaxRecvMsgSize * 4
)

// restServer serves the gRPC queries as JSON over HTTP, as the API server of a
// Panacea node does. It asks the chain's own gRPC server, so that errors keep
// their codes.
type restServer struct {
	http *http.Server
	conn *grpc.ClientConn
}

// newREST makes the server that asks the gRPC server at an address. Pages of
// these origins may read its answers; none, if there are none.
func (n *node) newREST(ctx client.Context, address string, origins []string, logger log.Logger) (*restServer, error) {
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(codec.NewProtoCodec(n.app.Registry).GRPCCodec()),
			grpc.MaxCallRecvMsgSize(restAnswer),
		))
	if err != nil {
		return nil, fmt.Errorf("connect REST to gRPC: %w", err)
	}
	gateway := api.New(ctx.WithGRPCClient(conn), logger, nil)
	n.app.RegisterAPIRoutes(gateway, serverconfig.APIConfig{})
	handler, err := knownParameters(gateway.GRPCGatewayRouter)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	handler = readableBy(origins, http.MaxBytesHandler(handler, restBody))
	return &restServer{conn: conn, http: &http.Server{
		Handler:           atMost(restCalls, handler),
		ReadHeaderTimeout: restHeaderTime,
		ReadTimeout:       restTime,
		WriteTimeout:      restTime,
		IdleTimeout:       restIdle,
		MaxHeaderBytes:    restHeader,
	}}, nil
}

// readableBy lets pages of these origins read the answers; none, if there are none.
func readableBy(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Content-Type", "X-Cosmos-Block-Height"},
	}).Handler(next)
}

// atMost limits the number of concurrent requests.
func atMost(calls int, next http.Handler) http.Handler {
	slots := make(chan struct{}, calls)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests at once; try again", http.StatusServiceUnavailable)
		}
	})
}

// stop lets requests finish until ctx ends, then cuts them off.
func (s *restServer) stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	return errors.Join(err, s.conn.Close())
}
