package localnet

import (
	"context"
	"fmt"

	"github.com/cometbft/cometbft/rpc/client/local"
	"github.com/cosmos/cosmos-sdk/client"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servergrpc "github.com/cosmos/cosmos-sdk/server/grpc"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx/chain/app"
)

// clientContext returns how the node's own services read from it.
func (n *node) clientContext(chainID string) client.Context {
	return client.Context{}.
		WithChainID(chainID).
		WithCodec(n.app.Codec).
		WithInterfaceRegistry(n.app.Registry).
		WithLegacyAmino(n.app.Amino).
		WithTxConfig(n.app.TxConfig).
		WithClient(local.New(n.comet))
}

// newGRPC returns the chain's gRPC server: the modules' queries, transactions,
// blocks, node facts and reflection.
func (n *node) newGRPC(ctx client.Context) (*grpc.Server, error) {
	cfg := *serverconfig.DefaultConfig()
	cfg.MinGasPrices = app.MinGasPrices
	n.app.RegisterTxService(ctx)
	n.app.RegisterTendermintService(ctx)
	n.app.RegisterNodeService(ctx, cfg)
	server, err := servergrpc.NewGRPCServer(ctx, n.app, cfg.GRPC)
	if err != nil {
		return nil, fmt.Errorf("make gRPC server: %w", err)
	}
	return server, nil
}

// stopGRPC lets calls finish until ctx ends, then cuts them off.
func stopGRPC(ctx context.Context, server *grpc.Server) {
	stop := context.AfterFunc(ctx, server.Stop)
	defer stop()
	server.GracefulStop()
}
