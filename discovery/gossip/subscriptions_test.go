package gossip

import (
	"fmt"
	"testing"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
)

func newTestSubscriptions() *subscriptions {
	return newSubscriptions(namesOf(chain), func(peer.ID) bool { return true })
}

func sub(topic string, joins bool) *pb.RPC_SubOpts {
	return &pb.RPC_SubOpts{Topicid: proto.String(topic), Subscribe: proto.Bool(joins)}
}

func TestOnlyThisChainsPools(t *testing.T) {
	s := newTestSubscriptions()
	require.Equal(t, "/pdx/pdx-test-1/pool/7/1", namesOf(chain).topic(7))
	require.True(t, s.CanSubscribe("/pdx/pdx-test-1/pool/18446744073709551615/1"))
	for _, foreign := range []string{
		"", "/pdx/pdx-test-1/pool/7", "/pdx/pdx-test-1/pool/7/2", "/pdx/pdx-test-1/pool//1", "/pdx/pdx-test-1/pool/0/1",
		"/pdx/pdx-test-1/pool/07/1", "/pdx/pdx-test-1/pool/+7/1", "/pdx/pdx-test-1/pool/18446744073709551616/1",
		"/pdx/pdx-test-2/pool/7/1", "x/pdx/pdx-test-1/pool/7/1", "/pdx/pdx-test-1/pool/7/1/1",
	} {
		require.False(t, s.CanSubscribe(foreign), foreign)
	}
}

func TestAPeersSubscriptionsAreBounded(t *testing.T) {
	s := newTestSubscriptions()
	tell := func(from peer.ID, subs ...*pb.RPC_SubOpts) int {
		kept, err := s.FilterIncomingSubscriptions(from, subs)
		require.NoError(t, err)
		return len(kept)
	}
	for id := range pdx.PoolID(maxTopicsPerPeer) {
		require.Equal(t, 1, tell("greedy", sub(s.names.topic(id+1), true)))
	}
	require.Zero(t, tell("greedy", sub(s.names.topic(9999), true)), "one too many")
	require.Equal(t, 1, tell("greedy", sub(s.names.topic(1), true)), "said before")
	require.Equal(t, 1, tell("modest", sub(s.names.topic(9999), true)), "another peer")

	require.Equal(t, 1, tell("greedy", sub(s.names.topic(1), false)))
	require.Equal(t, 1, tell("greedy", sub(s.names.topic(9999), true)), "room again")

	_, err := s.FilterIncomingSubscriptions("rude", make([]*pb.RPC_SubOpts, maxSubscriptionsPerRPC+1))
	require.ErrorIs(t, err, pubsub.ErrTooManySubscriptions)

	for i := range 2 * maxPeers {
		tell(peer.ID(fmt.Sprint("sybil ", i)), sub(s.names.topic(1), true))
	}
	require.Len(t, s.heard, maxPeers)
	require.Zero(t, tell("greedy", sub(s.names.topic(9998), true)), "the crowd did not make it forgotten")
}

func TestPeersThatAreGoneAreNotTracked(t *testing.T) {
	s := newTestSubscriptions()
	gone := map[peer.ID]bool{}
	s.connected = func(id peer.ID) bool { return !gone[id] }
	tell := func(id peer.ID) int {
		kept, err := s.FilterIncomingSubscriptions(id, []*pb.RPC_SubOpts{sub(s.names.topic(1), true)})
		require.NoError(t, err)
		return len(kept)
	}
	for i := range maxPeers {
		require.Equal(t, 1, tell(peer.ID(fmt.Sprint("peer ", i))))
	}
	require.Zero(t, tell("late"))
	s.disconnected("peer 1")
	require.Zero(t, tell("late"), "peer 1 is connected still")
	gone["peer 1"] = true
	s.disconnected("peer 1")
	require.Equal(t, 1, tell("late"))
	gone["peer 2"] = true // disconnected before its last RPC was handled
	require.Equal(t, 1, tell("later"))
}

func FuzzTopic(f *testing.F) {
	f.Add("/pdx/pdx-test-1/pool/7/1")
	f.Add("/pdx/pdx-test-1/pool/٣/1")
	f.Fuzz(func(t *testing.T, topic string) {
		if id, ok := namesOf(chain).pool(topic); ok {
			require.Equal(t, topic, namesOf(chain).topic(id), "one topic, one spelling")
		}
	})
}
