package gossip

import (
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
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
// each peer, so that a peer's use of memory is bounded.
type subscriptions struct {
	names names
	mu    sync.Mutex
	heard *lru.Cache[peer.ID, map[pdx.PoolID]struct{}]
}

func newSubscriptions(n names) (*subscriptions, error) {
	heard, err := lru.New[peer.ID, map[pdx.PoolID]struct{}](maxPeers)
	return &subscriptions{names: n, heard: heard}, err
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
	pools, ok := s.heard.Get(from)
	if !ok {
		pools = make(map[pdx.PoolID]struct{})
		s.heard.Add(from, pools)
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
