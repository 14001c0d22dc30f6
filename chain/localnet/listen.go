package localnet

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/medibloc/pdx/chain/endpoints"
)

const httpScheme = "http://"

// listeners are opened before the node starts: a taken port is found before
// anything else happens, and the true ports are known.
type listeners struct{ grpc, rpc, rest net.Listener }

func (c Config) listen(ctx context.Context, before endpoints.Endpoints) (l listeners, err error) {
	if l.grpc, err = listen(ctx, "gRPC", c.GRPCAddr, before.GRPC); err != nil {
		return l, err
	}
	if l.rpc, err = listen(ctx, "RPC", c.RPCAddr, strings.TrimPrefix(before.RPC, httpScheme)); err != nil {
		l.close()
		return l, err
	}
	if l.rest, err = listen(ctx, "REST", c.RESTAddr, strings.TrimPrefix(before.REST, httpScheme)); err != nil {
		l.close()
		return l, err
	}
	return l, nil
}

// listen takes the address; where that leaves the port open, the one from before
// if it is on the same host and still free.
func listen(ctx context.Context, service, address, before string) (net.Listener, error) {
	var open net.ListenConfig
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %s address %q: %w", ErrPort, service, address, err)
	}
	if hostBefore, _, err := net.SplitHostPort(before); err == nil && port == "0" && host == hostBefore {
		if l, err := open.Listen(ctx, "tcp", before); err == nil {
			return l, nil
		}
	}
	l, err := open.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: %s port %s: %w; name another port, or 0 for a free one", ErrPort, service, port, err)
	}
	return l, nil
}

func (l listeners) close() {
	for _, open := range []net.Listener{l.grpc, l.rpc, l.rest} {
		if open != nil {
			_ = open.Close()
		}
	}
}
