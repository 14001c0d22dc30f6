package stream

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/connmgr"
)

// A ServerStream is a Stream that a Server serves.
type ServerStream struct {
	*Stream
	server *Server
	group  netip.Prefix // of the remote address
}

// Group returns the address group of the peer.
func (s *ServerStream) Group() netip.Prefix { return s.group }

// Account returns what Config.Account returns for the peer.
func (s *ServerStream) Account(ctx context.Context) (pdx.Address, error) {
	account, err := s.server.cfg.Account(ctx, s.Peer())
	if err != nil {
		return "", fmt.Errorf("account of peer %s: %w", s.Peer(), err)
	}
	return account, nil
}

// Allow takes n tokens from the bucket of the peer's address group if it holds at least
// n, and reports whether it did.
func (s *ServerStream) Allow(n int) bool { return s.server.groups.Allow(s.group, n, time.Now()) }

// Charge takes n tokens from the bucket of the peer's address group for work already
// done; a negative n returns tokens (see Buckets.Charge).
func (s *ServerStream) Charge(n int) { s.server.groups.Charge(s.group, n, time.Now()) }

// Stopping returns a context that ends when the server begins to stop. Use it for work
// that can be abandoned safely and may take longer than a stop should.
func (s *ServerStream) Stopping() context.Context { return s.server.stopping }

// Serve keeps the peer connected while this node works on its request; see
// connmgr.Serve. Call it when the request has been admitted, and End the result.
func (s *ServerStream) Serve() *connmgr.Hold { return connmgr.Serve(s.server.cfg.Host, s.Peer()) }

// Transfer is Serve for a request for which the peer must send or take bytes; see
// connmgr.Transfer.
func (s *ServerStream) Transfer() *connmgr.Hold {
	return connmgr.Transfer(s.server.cfg.Host, s.Peer())
}
