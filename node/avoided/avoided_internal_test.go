package avoided

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
)

func TestAvoidedPeersComeBackLaterEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, group := New(), netip.MustParsePrefix("192.0.2.1/32")
		require.False(t, a.Now("p"))
		for wait := leastTime; wait < 2*mostTime; wait *= 2 {
			a.add("p", group, true, leastTime)
			time.Sleep(min(wait, mostTime) - time.Second)
			require.True(t, a.Now("p"))
			time.Sleep(time.Second)
			require.False(t, a.Now("p"))
		}
		require.Positive(t, a.Fails("p"), "it comes after those that were not tried")
		a.add("other", group, true, otherTime)
		time.Sleep(otherTime - time.Second)
		require.True(t, a.Now("other"))
		a.Forget("other")
		require.False(t, a.Now("other"))
		require.Zero(t, a.Fails("other"))
	})
}

// A crowd in one group, and addresses that are only claimed, push out nobody else.
func TestAvoidedPeersAreNotFlushed(t *testing.T) {
	a := New()
	group := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}), 32)
	}
	id := func(text string, i int) peer.ID { return peer.ID(fmt.Sprint(text, i)) }
	for i := range 100 {
		a.add(id("liar", i), group(i), true, otherTime)
	}
	for i := range 2 * maxGroupPeers {
		a.add(id("crowd", i), group(200), true, otherTime)
	}
	for i := range maxPeers + 100 {
		a.add(id("claim", i), group(i%1000), false, otherTime)
	}
	for i := range 100 {
		require.True(t, a.Now(id("liar", i)))
	}
	require.LessOrEqual(t, len(a.reached.peers), maxPeers)
	require.LessOrEqual(t, len(a.reached.groups[group(200)]), maxGroupPeers)
	require.LessOrEqual(t, len(a.claimed.peers), maxPeers)
	for i := range maxPeers + 500 { // 300 groups that are real
		a.add(id("many", i), group(300+i%300), true, otherTime)
	}
	require.LessOrEqual(t, len(a.reached.peers), maxPeers)
	for i := range 100 {
		require.True(t, a.Now(id("liar", i)), "a group loses none while others have more")
	}
	require.Len(t, a.reached.peers, sum(a.reached.groups))
}

func sum(groups map[netip.Prefix]map[peer.ID]*avoidance) (n int) {
	for _, g := range groups {
		n += len(g)
	}
	return n
}
