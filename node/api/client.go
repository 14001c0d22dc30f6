package api

import (
	"context"
	"net"
	"net/http"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb"
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

// AddData registers data and shows, now and then, how many bytes were read, if show is
// not nil. It is the client's call, to its end.
func AddData(ctx context.Context, c Client, r *nodepb.AddDataRequest, show func(done, size uint64)) (*nodepb.Data, error) {
	stream, err := c.AddData(ctx, r)
	m, err := last(stream, err, func(m *nodepb.AddDataResponse) {
		if show != nil {
			show(m.Done, m.Work)
		}
	})
	return m.GetData(), err
}

// PreviewSale looks what a sale would be and shows, now and then, how far it is, if
// show is not nil. It is the client's call, to its end.
func PreviewSale(ctx context.Context, c Client, r *nodepb.PreviewSaleRequest, show func(step string, done,
	size uint64),
) (*nodepb.PreviewSaleResponse, error) {
	stream, err := c.PreviewSale(ctx, r)
	return last(stream, err, func(m *nodepb.PreviewSaleResponse) {
		if show != nil && m.Step != "" {
			show(m.Step, m.Done, m.Work)
		}
	})
}

// OpenPool makes plain files and shows, now and then, how far it is, if show is not nil. It
// is the client's call, to its end.
func OpenPool(ctx context.Context, c Client, r *nodepb.OpenPoolRequest, show func(step string, done,
	size uint64),
) (*nodepb.OpenPoolResponse, error) {
	stream, err := c.OpenPool(ctx, r)
	return last(stream, err, func(m *nodepb.OpenPoolResponse) {
		if show != nil && m.Step != "" {
			show(m.Step, m.Done, m.Work)
		}
	})
}

// last reads a stream that was opened to its end, and is its last message.
func last[T any](stream *connect.ServerStreamForClient[T], err error, each func(*T)) (*T, error) {
	if err != nil {
		return nil, FromStatus(err)
	}
	defer stream.Close()
	var m *T
	for stream.Receive() {
		m = stream.Msg()
		each(m)
	}
	return m, FromStatus(stream.Err())
}

// fromErrors is the interceptor that applies checkUTF8 to every request and
// FromStatus to every answer.
type fromErrors struct{}

func (fromErrors) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if err := checkUTF8(req.Any()); err != nil {
			return nil, err
		}
		res, err := next(ctx, req)
		return res, FromStatus(err)
	}
}

func (fromErrors) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		return checking{next(ctx, spec)}
	}
}

func (fromErrors) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
