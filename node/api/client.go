package api

import (
	"context"
	"net"
	"net/http"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// Client calls a node. Errors of calls carry package pdx's sentinels; those of
// the Watch stream are turned by FromStatus.
type Client = nodepbconnect.NodeServiceClient

// NewClient calls the node that listens on the unix socket at path.
func NewClient(path string) Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	return nodepbconnect.NewNodeServiceClient(&http.Client{Transport: transport}, "http://pdx", connect.WithInterceptors(fromErrors{}))
}

// fromErrors is the interceptor that applies FromStatus to every answer.
type fromErrors struct{}

func (fromErrors) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		return res, FromStatus(err)
	}
}

func (fromErrors) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (fromErrors) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
