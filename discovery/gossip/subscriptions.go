package gossip

import (
	"maps"
	"strings"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// names are the topics of one chain.
type names struct{ prefix string }

const suffix = "/1"

func namesOf(chainID string) names { return names{"/pdx/" + chainID + "/pool/"} }

func (n names) topic(pool pdx.PoolID) string { return n.prefix + pool.String() + suffix }

// pool returns the pool of a topic; false for every other spelling.
func (n names) pool(topic string) (pdx.PoolID, bool) {
	rest, ours := strings.CutPrefix(topic, n.prefix)
	digits, versioned := strings.CutSuffix(rest, suffix)
	if !ours || !versioned {
		return 0, false
	}
	pool, err := pdx.ParsePoolID(digits)
	return pool, err == nil && pool.String() == digits
}

// subscriptions admits the topics of this chain's pools, and tracks at most maxTopicsPerPeer of
// each connected peer, so that a peer's use of memory is bounded. It is notified of the
// host's connections: the mesh forgets the topics of a peer that disconnects, and so does it.
type subscriptions struct {
	network.NotifyBundle
	names     names
	connected func(peer.ID) bool

	mu    sync.Mutex // guards heard
	heard map[peer.ID]map[pdx.PoolID]struct{}
}

func newSubscriptions(n names, connected func(peer.ID) bool) *subscriptions {
	s := &subscriptions{names: n, connected: connected, heard: make(map[peer.ID]map[pdx.PoolID]struct{})}
	s.DisconnectedF = func(_ network.Network, c network.Conn) { s.disconnected(c.RemotePeer()) }
	return s
}

func (s *subscriptions) disconnected(id peer.ID) {
	if s.connected(id) {
		return // over another connection
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.heard, id)
}

// of returns the tracked pools of a peer; nil when too many peers are connected. The
// caller holds mu. An RPC that was handled after its peer disconnected leaves an entry
// behind, which is removed here.
func (s *subscriptions) of(id peer.ID) map[pdx.PoolID]struct{} {
	if pools, ok := s.heard[id]; ok {
		return pools
	}
	if len(s.heard) >= maxPeers {
		maps.DeleteFunc(s.heard, func(id peer.ID, _ map[pdx.PoolID]struct{}) bool { return !s.connected(id) })
	}
	if len(s.heard) >= maxPeers {
		return nil
	}
	pools := make(map[pdx.PoolID]struct{})
	s.heard[id] = pools
	return pools
}

// CanSubscribe reports whether this node may join a topic.
func (s *subscriptions) CanSubscribe(topic string) bool {
	_, ok := s.names.pool(topic)
	return ok
}

// FilterIncomingSubscriptions keeps the admitted subscriptions of a peer. Too many at once are
// an error, for which the library drops the message.
func (s *subscriptions) FilterIncomingSubscriptions(from peer.ID, subs []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	if len(subs) > maxSubscriptionsPerRPC {
		return nil, pubsub.ErrTooManySubscriptions
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pools := s.of(from)
	if pools == nil {
		return nil, nil
	}
	kept := subs[:0:0]
	for _, sub := range subs {
		pool, ours := s.names.pool(sub.GetTopicid())
		if !ours || !admit(pools, pool, sub.GetSubscribe()) {
			continue
		}
		kept = append(kept, sub)
	}
	return pubsub.FilterSubscriptions(kept, s.CanSubscribe), nil
}

// admit tracks a pool of a peer, and reports whether it is within the limit.
func admit(pools map[pdx.PoolID]struct{}, pool pdx.PoolID, joins bool) bool {
	if !joins {
		delete(pools, pool)
		return true
	}
	if _, known := pools[pool]; !known && len(pools) == maxTopicsPerPeer {
		return false
	}
	pools[pool] = struct{}{}
	return true
}
