package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cosmos/cosmos-sdk/codec"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/internal/silence"
)

// dialGRPC connects lazily. Without a scheme, the connection is not encrypted, as suits a
// node on the same machine.
func (e *endpoint) dialGRPC(target string, cdc codec.Codec) error {
	creds := insecure.NewCredentials()
	address, secure := strings.CutPrefix(target, "https://")
	if secure {
		creds = credentials.NewTLS(nil)
	}
	grpcCodec, ok := cdc.(codec.GRPCCodecProvider)
	if !ok {
		return errors.New("the codec has no gRPC form")
	}
	conn, err := grpc.NewClient(strings.TrimPrefix(address, "http://"),
		grpc.WithTransportCredentials(silence.Credentials{
			TransportCredentials: creds, Silence: e.times.silence, Begun: func() { e.identified.Store(false) },
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: redialFirst, Multiplier: 2, Jitter: 0.2, MaxDelay: redialMost},
			MinConnectTimeout: dialTimeout,
		}),
		grpc.WithIdleTimeout(e.times.idle()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(grpcCodec.GRPCCodec()), grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithUnaryInterceptor(e.inTime),
	)
	if err != nil {
		return fmt.Errorf("chain grpc %q: %w: %v", target, pdx.ErrInvalid, err)
	}
	e.ClientConn = conn
	return nil
}

// inTime bounds the time of a call and records whether it was answered.
func (e *endpoint) inTime(
	ctx context.Context, method string, req, reply any,
	conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	if err := e.identify(ctx); err != nil { // by RPC, whose calls are bounded in the same way
		return err
	}
	timed, cancel := context.WithTimeout(ctx, patience(ctx, e.times.call, e.times.endpoints))
	defer cancel()
	e.grpcPulse.Begin()
	err := invoke(timed, method, req, reply, conn, opts...)
	code := status.Code(err)
	answered := err == nil || code != codes.Unavailable && code != codes.DeadlineExceeded && code != codes.Canceled
	e.grpcPulse.End(answered, ctx.Err() != nil)
	if answered || ctx.Err() != nil {
		return err
	}
	return e.grpcPulse.Explain(e.Target(), timed.Err() != nil, err)
}

// dialRPC connects lazily, too; hangUp closes what is open.
func (e *endpoint) dialRPC(address string) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = silence.Dialer(dialTimeout, e.times.silence)
	transport.TLSHandshakeTimeout = dialTimeout
	transport.ResponseHeaderTimeout = e.times.silence
	transport.IdleConnTimeout = e.times.idle()
	rpc, err := rpchttp.NewWithClient(address, "/websocket", &http.Client{
		Transport: bounded{transport, e}, Timeout: e.times.call,
	})
	if err != nil {
		return fmt.Errorf("chain rpc %q: %w: %v", address, pdx.ErrInvalid, err)
	}
	e.rpc, e.hangUp = rpc, transport.CloseIdleConnections
	return nil
}

// bounded limits the size of answers, which CometBFT's client reads whole. It records whether
// there are any.
type bounded struct {
	http.RoundTripper
	of *endpoint
}

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	asked := req.Context()
	ctx, cancel := context.WithCancel(asked)
	p := &b.of.rpcPulse
	p.Begin()
	timer := time.AfterFunc(patience(asked, b.of.times.call, b.of.times.endpoints), cancel)
	res, err := b.RoundTripper.RoundTrip(req.WithContext(ctx))
	late := !timer.Stop()
	p.End(err == nil, asked.Err() != nil)
	if err != nil {
		cancel()
		if asked.Err() != nil {
			return nil, err
		}
		return nil, p.Explain(b.of.address, late, err)
	}
	res.Body = &body{io.LimitReader(res.Body, maxBlockAnswer), res.Body, cancel}
	return res, nil
}

// body is a bounded response body. Closing it ends its request.
type body struct {
	io.Reader
	io.Closer
	end context.CancelFunc
}

// Close ends the request.
func (b *body) Close() error {
	defer b.end()
	return b.Closer.Close()
}

type patienceKey struct{}

// WithPatience bounds each query that is made with the context: all endpoints together have
// that long to start to answer.
func WithPatience(ctx context.Context, most time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, most)
}

// patience returns one endpoint's share of the time for a query, of that many endpoints.
func patience(ctx context.Context, most time.Duration, endpoints int) time.Duration {
	if all, ok := ctx.Value(patienceKey{}).(time.Duration); ok {
		return min(most, all/time.Duration(max(1, endpoints)))
	}
	return most
}
