package app

import (
	"fmt"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
)

// registerServices puts the modules' messages and queries on the routers, and
// describes them to clients that know only reflection.
func (a *App) registerServices() error {
	if err := a.modules.RegisterServices(a.configurator); err != nil {
		return fmt.Errorf("register services: %w", err)
	}
	autocliv1.RegisterQueryServer(&a.services, runtimeservices.NewAutoCLIQueryService(a.modules.Modules))
	reflection, err := runtimeservices.NewReflectionService()
	if err != nil {
		return fmt.Errorf("make reflection service: %w", err)
	}
	reflectionv1.RegisterReflectionServiceServer(&a.services, reflection)
	return nil
}

// RegisterTxService lets clients simulate, broadcast and look up transactions.
func (a *App) RegisterTxService(ctx client.Context) {
	authtx.RegisterTxService(&a.services, ctx, a.Simulate, a.Registry)
}

// RegisterTendermintService lets clients read blocks and chain validators over gRPC.
func (a *App) RegisterTendermintService(ctx client.Context) {
	cmtservice.RegisterTendermintService(ctx, &a.services, a.Registry, a.Query)
}

// RegisterNodeService serves facts about this node to clients, such as its minimum gas price.
func (a *App) RegisterNodeService(ctx client.Context, cfg serverconfig.Config) {
	nodeservice.RegisterNodeService(ctx, &a.services, cfg)
}

// RegisterAPIRoutes serves the same queries as JSON over HTTP, where a node
// runs the SDK's API server.
func (a *App) RegisterAPIRoutes(server *api.Server, _ serverconfig.APIConfig) {
	ctx, router := server.ClientCtx, server.GRPCGatewayRouter
	authtx.RegisterGRPCGatewayRoutes(ctx, router)
	cmtservice.RegisterGRPCGatewayRoutes(ctx, router)
	nodeservice.RegisterGRPCGatewayRoutes(ctx, router)
	a.basics.RegisterGRPCGatewayRoutes(ctx, router)
}
