package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// serve answers one greeting, if there is a place for it.
func (s *Service) serve(stream network.Stream) {
	remote := stream.Conn().RemotePeer()
	if !s.begin() {
		_ = stream.ResetWithError(codeFailed)
		return
	}
	defer s.wg.Done()
	if !s.places.take(remote) {
		_ = stream.ResetWithError(network.StreamRateLimited)
		return
	}
	defer s.places.leave(remote)
	if _, err := s.converse(s.ctx, stream, s.answer); err != nil {
		s.log.Debug("greeting failed", slog.String("peer_id", remote.String()), slog.Any("error", err))
	}
}

// caught makes a panic an error: it ends its handshake, not the process.
func (s *Service) caught(remote peer.ID, err *error) {
	p := recover()
	if p == nil {
		return
	}
	s.log.Error("panic in hello", slog.String("peer_id", remote.String()),
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	*err = errors.New("panic")
}
