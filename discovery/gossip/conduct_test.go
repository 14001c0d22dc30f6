package gossip

import (
	"context"
	"net/netip"
	"testing"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
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

// A node whose endpoint lags does not silence honest forwarders: a deal that turns out to
// exist no longer counts. One that names deals that never exist is silenced all the same.
func TestDealsThatTurnOutToExistAreForgiven(t *testing.T) {
	const lag = 12 * time.Second // two blocks
	at := now
	c := newTestConduct(t, &at)
	const perSecond = 5
	for i := range 3000 {
		c.doubt("honest", pdx.DealID(1000+i))
		if known := i - perSecond*int(lag.Seconds()); known >= 0 {
			c.confirm(pdx.DealID(1000 + known))
		}
		require.Zero(t, c.score("honest"), i)
		at = at.Add(time.Second / perSecond)
	}
	for i := range 100 {
		c.doubt("liar", pdx.DealID(1_000_000+i))
		c.confirm(pdx.DealID(2_000_000 + i))
	}
	require.Less(t, c.score("liar"), float64(graylistThreshold))
}

func TestDoubtsAreBounded(t *testing.T) {
	at := now
	c := newTestConduct(t, &at)
	for i := range 3 * maxDoubts {
		for range 2 * maxDoubted {
			c.doubt("peer", pdx.DealID(1+i))
		}
	}
	require.Equal(t, maxDoubts, c.doubts.Len())
	for _, peers := range c.doubts.Values() {
		require.Len(t, peers, maxDoubted)
	}
}

// ignorant is Roles of a chain that knows nothing.
type ignorant struct{}

func (ignorant) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return true }

func (ignorant) Role(context.Context, pdx.PoolID, pdx.DealID, pdx.Address, pdx.Role) RoleCheck {
	return Unknown
}

// While this node's own view of the chain is old, no peer is to blame for what it lacks.
func TestNobodyIsBlamedWhileThisNodeIsBehind(t *testing.T) {
	at := now
	behind := true
	j := &judge{roles: ignorant{}, conduct: newTestConduct(t, &at), behind: func() bool { return behind }}
	say := func() {
		for i := range 200 {
			require.ErrorIs(t, j.checkAuthor(t.Context(), "peer", Notice{Pool: 1, Body: Offered{Deal: pdx.DealID(1 + i)}}), errIgnored)
		}
	}
	say()
	require.Zero(t, j.conduct.score("peer"))
	behind = false
	say()
	require.Less(t, j.conduct.score("peer"), float64(graylistThreshold))
}
