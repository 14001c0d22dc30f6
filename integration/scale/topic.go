package scale

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// topicPool is the pool whose topic is measured, and notices is how many are sent.
const (
	topicPool = pdx.PoolID(1)
	notices   = 20
)

// A Spread is how notices spread in the topic of one pool.
type Spread struct {
	Reached      float64       // the share of members that had a notice within 30 seconds
	Median, Last time.Duration // until a member had it, over all notices
	Peers        float64       // connected members of the pool that each has, on average
}

// holds is a ledger in which everybody has every role.
type holds struct{}

func (holds) Role(context.Context, pdx.PoolID, pdx.DealID, pdx.Address, pdx.Role) gossip.RoleCheck {
	return gossip.Holds
}
func (holds) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return true }

// MeasureTopic has members of one pool, which find each other as by the DHT, send notices in its
// topic. It is called in a bubble of testing/synctest.
func MeasureTopic(t testing.TB, members int, latency time.Duration) (s Spread) {
	t.Helper()
	n := &Network{t: t, random: rand.New(rand.NewPCG(1, 0)), mocknet: mocknet.New()}
	n.mocknet.SetLinkDefaults(mocknet.LinkOptions{Latency: latency})
	var hosts []managedHost
	for range members {
		hosts = append(hosts, n.newHost())
	}
	find := func(context.Context, pdx.PoolID) (all []peer.AddrInfo, _ error) {
		for _, i := range rand.Perm(members) {
			all = append(all, peer.AddrInfo{ID: hosts[i].ID(), Addrs: hosts[i].Addrs()})
		}
		return all, nil
	}
	var topics []*gossip.Subscription
	for i, h := range hosts {
		m, err := gossip.New(h, gossip.Options{
			ChainID: chainID, Signer: identitytest.New("member " + strconv.Itoa(i)), Roles: holds{}, Find: find,
		})
		require.NoError(t, err)
		require.NoError(t, m.Start(context.Background()))
		topic, err := m.Join(context.Background(), topicPool)
		require.NoError(t, err)
		topics = append(topics, topic)
		defer func() {
			topic.Close()
			require.NoError(t, m.Stop(context.Background()))
			require.NoError(t, h.conns.Close())
			require.NoError(t, h.Close())
		}()
	}
	time.Sleep(3 * time.Minute) // meshes form
	var took []time.Duration
	for i := range notices {
		took = append(took, spread(t, topics, i*members/notices)...)
	}
	slices.Sort(took)
	for _, topic := range topics {
		s.Peers += float64(topic.Peers()) / float64(members)
	}
	s.Reached = float64(len(took)) / float64(notices*(members-1))
	if len(took) > 0 {
		s.Median, s.Last = took[len(took)/2], took[len(took)-1]
	}
	return s
}

// spread has one member send a notice, and returns after how long others had it.
func spread(t testing.TB, topics []*gossip.Subscription, from int) (took []time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	began := time.Now()
	var mu sync.Mutex
	var members sync.WaitGroup
	for i, topic := range topics {
		if i != from {
			members.Go(func() {
				if _, err := topic.Next(ctx); err == nil {
					mu.Lock()
					took = append(took, time.Since(began))
					mu.Unlock()
				}
			})
		}
	}
	require.NoError(t, topics[from].Publish(ctx, gossip.Offered{Deal: 1}))
	members.Wait()
	return took
}
