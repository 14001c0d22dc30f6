package discovery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/addrgroup"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/p2p/stream"
)

// servingHost is the host as the DHT sees it: its streams are metered before
// the DHT reads them, and its peerstore also has the addresses that peers
// announced with their records, which are on disk.
type servingHost struct {
	host.Host
	ctx     context.Context //nolint:containedctx // ends waits for tokens
	limiter *limiter
	store   *netdb.DB
	metrics metrics
}

// SetStreamHandler meters what handler serves.
func (h servingHost) SetStreamHandler(id protocol.ID, handler network.StreamHandler) {
	h.Host.SetStreamHandler(id, func(s network.Stream) {
		c := client{s.Conn().RemotePeer(), addrgroup.Of(s.Conn().RemoteMultiaddr())}
		if !h.limiter.enter(c) {
			h.metrics.refused.Inc()
			_ = s.ResetWithError(network.StreamRateLimited)
			return
		}
		defer h.limiter.leave(c)
		if err := s.Scope().ReserveMemory(streamMemory, network.ReservationPriorityMedium); err != nil {
			_ = s.ResetWithError(network.StreamResourceLimitExceeded)
			return
		}
		defer s.Scope().ReleaseMemory(streamMemory)
		handler(&meteredStream{Stream: s, in: bufio.NewReader(s), host: h, client: c})
	})
}

// NewStream opens a stream, over a relay with limits if there is no other connection.
func (h servingHost) NewStream(ctx context.Context, to peer.ID, ids ...protocol.ID) (network.Stream, error) {
	return h.Host.NewStream(network.WithAllowLimitedConn(ctx, "dht"), to, ids...)
}

// Peerstore returns the host's peerstore with announced addresses.
func (h servingHost) Peerstore() peerstore.Peerstore {
	return announcedAddrs{h.Host.Peerstore(), h}
}

type announcedAddrs struct {
	peerstore.Peerstore
	host servingHost
}

// PeerInfo returns what the peerstore has, or else what the peer announced.
func (a announcedAddrs) PeerInfo(id peer.ID) peer.AddrInfo {
	info := a.Peerstore.PeerInfo(id)
	if len(info.Addrs) == 0 {
		info.Addrs, _ = a.host.store.Addrs(a.host.ctx, id) // unreadable is as good as unknown
	}
	return info
}

// meteredStream lets the DHT read a message when its sender has the tokens for
// it. Its Read never crosses the end of a message.
type meteredStream struct {
	network.Stream
	in     *bufio.Reader
	host   servingHost
	client client
	head   []byte // of the current message: what is left of its length prefix
	body   int    // and of its bytes
}

// Read waits for tokens at the start of each message. It fails when a message is
// too long, or if its sender is so far over its rate that waiting is useless.
func (s *meteredStream) Read(p []byte) (int, error) {
	if len(s.head) == 0 && s.body == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	n, err := s.in.Read(p[:min(len(p), s.body)])
	s.body -= n
	if err == io.EOF && s.body > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// next reads a length prefix and takes the tokens for its message.
func (s *meteredStream) next() error {
	size, err := stream.ReadLength(s.in, maxMessage)
	if errors.Is(err, stream.ErrFrame) {
		s.host.metrics.refused.Inc()
		return fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	if err != nil {
		return err
	}
	delay, ok := s.host.limiter.take(s.client, requestTokens(size), time.Now())
	if !ok {
		s.host.metrics.refused.Inc()
		return fmt.Errorf("%w: rate limit exceeded", pdx.ErrRefused)
	}
	if err := lifecycle.Sleep(s.host.ctx, delay); err != nil {
		return err
	}
	if delay > 0 {
		s.host.metrics.slowed.Inc()
	} else {
		s.host.metrics.served.Inc()
	}
	s.head, s.body = stream.AppendLength(nil, size), size
	return nil
}

// requestTokens returns what a request of that size costs.
func requestTokens(size int) int { return 1 + size/requestUnit }

// Write charges an answer by its size.
func (s *meteredStream) Write(p []byte) (int, error) {
	s.host.limiter.charge(s.client, len(p)/answerUnit, time.Now())
	return s.Stream.Write(p)
}
