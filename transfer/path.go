package transfer

import (
	"context"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"

	"github.com/medibloc/pdx/p2p/relay"
)

// outdated reports whether a connection runs over a relay while there is a direct one to the
// same peer. A stream stays on the connection on which it was opened, so whoever uses one
// that is outdated asks for nothing more on it, and opens another.
func (c *Client) outdated(conn network.Conn) bool {
	return relay.IsRelayed(conn) && slices.ContainsFunc(c.host.Network().ConnsToPeer(conn.RemotePeer()), isDirect)
}

func isDirect(conn network.Conn) bool { return !relay.IsRelayed(conn) && !conn.IsClosed() }

// watchPath closes the direct connections to a source that has fallen silent and does not
// answer a ping either. A path that dies says nothing: its connection is noticed as dead
// only by the transport's own keep-alive, after a minute or so, and until then new streams
// would be opened on it rather than over a relay or at another address.
func (s *source) watchPath(ctx context.Context) {
	l := s.pull.client.limits
	tick := time.NewTicker(l.silentTime / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.pull.plan.Complete():
			return
		case <-tick.C:
		}
		if time.Since(time.Unix(0, s.moved.Load())) < l.silentTime || s.pull.client.answers(ctx, s.peer) {
			continue
		}
		for _, conn := range s.pull.client.host.Network().ConnsToPeer(s.peer) {
			if ctx.Err() == nil && isDirect(conn) {
				s.pull.client.log.Info("path to a source is dead", "peer_id", s.peer, "address", conn.RemoteMultiaddr())
				_ = conn.Close()
			}
		}
		s.moved.Store(time.Now().UnixNano()) // the next path has as much time
	}
}

// answers reports whether a peer answers a ping over the connection that a new stream would
// take. One that is not connected is not asked.
func (c *Client) answers(ctx context.Context, id peer.ID) bool {
	if c.host.Network().Connectedness(id) != network.Connected {
		return true
	}
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, service), c.limits.silentTime)
	defer cancel()
	r, ok := <-ping.Ping(ctx, c.host, id)
	return ok && r.Error == nil
}
