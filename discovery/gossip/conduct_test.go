package gossip

import (
	"net/netip"
	"testing"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// newTestConduct returns a conduct whose clock is *at and whose peers share a group by
// the first byte of their ids.
func newTestConduct(t *testing.T, at *time.Time) *conduct {
	metrics, err := NewMetrics(prometheus.NewPedanticRegistry())
	require.NoError(t, err)
	group := func(id peer.ID) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{8, 8, 8, id[0]}), 32) }
	c, err := newConduct("self", group, func() time.Time { return *at }, metrics)
	require.NoError(t, err)
	return c
}

func TestAFewUnluckyNoticesAreForgiven(t *testing.T) {
	at := now
	c := newTestConduct(t, &at)
	for range int(ignoredNotices.Burst) {
		c.blame("peer")
	}
	require.Zero(t, c.score("peer"))
	for range 100 { // as fast as blocks
		at = at.Add(5 * time.Second)
		c.blame("peer")
	}
	require.Zero(t, c.score("peer"))
	c.blame("peer")
	require.Less(t, c.score("peer"), float64(graylistThreshold))
	require.Zero(t, c.score("other"))
	at = at.Add(silence)
	require.Zero(t, c.score("peer"), "silence ends")
	for range 1000 {
		c.blame("self")
	}
	require.Zero(t, c.score("self"))
}

func TestQuestionsAreBoundedPerPeerGroupAndInAll(t *testing.T) {
	at := now
	c := newTestConduct(t, &at)
	ask := func(id peer.ID) (n int) {
		for range 200 {
			if c.mayAsk(id) {
				n++
			}
		}
		return n
	}
	require.EqualValues(t, peerQuestions.Burst, ask("a1"))
	require.Less(t, c.score("a1"), float64(graylistThreshold), "168 too many")
	require.EqualValues(t, groupQuestions.Burst-peerQuestions.Burst, ask("a2"))
	require.Zero(t, ask("a3"), "of the same group")
	require.Zero(t, ask("b1"), "all together")
	at = at.Add(time.Second)
	require.EqualValues(t, peerQuestions.PerSecond, ask("a1"))
	require.EqualValues(t, allQuestions.PerSecond-peerQuestions.PerSecond, ask("b1"))
}

func TestMessagesBeyondTheRateAreDroppedUnread(t *testing.T) {
	at := now
	c := newTestConduct(t, &at)
	send := func(id peer.ID, n int) int {
		rpc := &pubsub.RPC{}
		rpc.Publish = make([]*pb.Message, n) // a nil message has no data
		require.NoError(t, c.inspect(id, rpc))
		return len(rpc.Publish)
	}
	burst := int(peerMessages.Burst)
	require.Equal(t, burst, send("a1", burst+10))
	require.Zero(t, c.score("a1"))
	require.Zero(t, send("a1", 100))
	at = at.Add(time.Second)
	require.EqualValues(t, peerMessages.PerSecond, send("a1", burst))
	require.Zero(t, c.score("a1"), "dropped, not blamed")
	for _, id := range []peer.ID{"c1", "c2", "c3", "c4"} {
		require.Equal(t, burst, send(id, burst))
	}
	require.Zero(t, send("c5", burst), "of the same group")
	require.Equal(t, burst, send("b1", burst))
}
