package transfer

import (
	"context"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/p2p/alive"
	"github.com/medibloc/pdx/p2p/relay"
)

// outdated reports whether a connection runs over a relay while there is a direct one to the
// same peer. A stream stays on the connection on which it was opened, so whoever uses one
// that is outdated asks for nothing more on it, and opens another.
func (c *Client) outdated(conn network.Conn) bool {
	return relay.IsRelayed(conn) && slices.ContainsFunc(c.host.Network().ConnsToPeer(conn.RemotePeer()), isDirect)
}

func isDirect(conn network.Conn) bool { return !relay.IsRelayed(conn) && !conn.IsClosed() }

// watchPath closes the connections to a source that has fallen silent and on which it gives no
// sign of life either; see package alive. New streams would be opened on them otherwise, rather
// than over a relay or at another address.
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
		if time.Since(time.Unix(0, s.moved.Load())) < l.silentTime {
			continue
		}
		for _, conn := range alive.CloseDead(ctx, s.pull.client.host.Network(), s.peer, l.silentTime) {
			s.pull.client.log.Info("path to a source is dead", "peer_id", s.peer, "address", conn.RemoteMultiaddr())
			s.moved.Store(time.Now().UnixNano()) // the next path has as much time
		}
	}
}
