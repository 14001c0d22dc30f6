package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	gogogrpc "github.com/cosmos/gogoproto/grpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// queryServices puts services on the router, which answers ABCI queries, and
// remembers them for a gRPC server.
type queryServices struct {
	router *baseapp.GRPCQueryRouter
	all    []queryService
}

type queryService struct {
	desc    *grpc.ServiceDesc
	handler any
}

var _ gogogrpc.Server = (*queryServices)(nil)

// RegisterService adds a service.
func (q *queryServices) RegisterService(desc *grpc.ServiceDesc, handler any) {
	q.router.RegisterService(desc, handler)
	q.all = append(q.all, queryService{desc: desc, handler: handler})
}

// RegisterGRPCServer serves every query over gRPC. It replaces the method of BaseApp, which
// would create query contexts without a lock.
func (a *App) RegisterGRPCServer(server gogogrpc.Server) {
	for _, service := range a.services.all {
		desc := *service.desc
		desc.Methods = slices.Clone(desc.Methods)
		for i, method := range desc.Methods {
			desc.Methods[i].Handler = func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				return method.Handler(srv, ctx, decode, a.withState)
			}
		}
		server.RegisterService(&desc, service.handler)
	}
}

// withState gives a query the state at the height that its metadata asks for, or
// the last one, and names the height in the answer's.
func (a *App) withState(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (res any, err error) {
	defer func() {
		// A query out of gas panics.
		if r := recover(); r != nil {
			res, err = nil, status.Errorf(codes.Internal, "%v", r)
		}
	}()
	height, err := askedHeight(ctx)
	if err != nil {
		return nil, err
	}
	state, err := a.CreateQueryContext(height, false)
	if err != nil {
		return nil, err
	}
	header := metadata.Pairs(grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(state.BlockHeight(), 10))
	if err := grpc.SetHeader(ctx, header); err != nil {
		return nil, fmt.Errorf("name height: %w", err)
	}
	return handle(context.WithValue(ctx, sdk.SdkContextKey, state), req)
}

// askedHeight is 0 where none is asked for.
func askedHeight(ctx context.Context) (int64, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	asked := md.Get(grpctypes.GRPCBlockHeightHeader)
	if len(asked) == 0 {
		return 0, nil
	}
	height, err := strconv.ParseInt(asked[0], 10, 64)
	if err != nil || height < 0 {
		return 0, status.Errorf(codes.InvalidArgument, "%s %q: a height is wanted", grpctypes.GRPCBlockHeightHeader, asked[0])
	}
	return height, nil
}
