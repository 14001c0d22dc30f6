package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cosmos/cosmos-sdk/codec"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medibloc/pdx"
)

// dialGRPC connects lazily; a host without a scheme is spoken to in the clear,
// as a node on the same machine is.
func dialGRPC(target string, cdc codec.Codec) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	address, secure := strings.CutPrefix(target, "https://")
	if secure {
		creds = credentials.NewTLS(nil)
	}
	grpcCodec, ok := cdc.(codec.GRPCCodecProvider)
	if !ok {
		return nil, errors.New("the codec has no gRPC form")
	}
	conn, err := grpc.NewClient(strings.TrimPrefix(address, "http://"),
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(grpcCodec.GRPCCodec()), grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithUnaryInterceptor(inTime),
	)
	if err != nil {
		return nil, fmt.Errorf("chain grpc %q: %w: %v", target, pdx.ErrInvalid, err)
	}
	return conn, nil
}

// inTime ends a call that hangs.
func inTime(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return invoke(ctx, method, req, reply, conn, opts...)
}

// dialRPC connects lazily, too; hangUp closes what is open.
func dialRPC(address string) (rpc *rpchttp.HTTP, hangUp func(), err error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	rpc, err = rpchttp.NewWithClient(address, "/websocket", &http.Client{
		Transport: bounded{transport}, Timeout: callTimeout,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("chain rpc %q: %w: %v", address, pdx.ErrInvalid, err)
	}
	return rpc, transport.CloseIdleConnections, nil
}

// bounded cuts answers off: CometBFT's client reads them whole.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxBlockAnswer), res.Body}
	return res, nil
}
