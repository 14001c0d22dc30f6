package scale

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// Network is a network of many nodes in virtual time: New is called in a bubble of
// testing/synctest.
type Network struct {
	t       testing.TB
	opt     Options
	random  *rand.Rand
	mu      sync.Mutex // guards what nodes read while others come: seeds and like
	mocknet mocknet.Mocknet
	seeds   []peer.AddrInfo
	like    []peer.AddrInfo // some hostile nodes, which lead to each other
	honest  []*node         // the first are the validators, which never leave
	hostile []*hostile
	made    int
}

// New starts all nodes of a network, one after another.
func New(t testing.TB, opt Options) *Network {
	t.Helper()
	n := &Network{t: t, opt: opt, random: rand.New(rand.NewPCG(opt.Seed, 0)), mocknet: mocknet.New()}
	n.mocknet.SetLinkDefaults(mocknet.LinkOptions{Latency: opt.Latency})
	for i := range opt.Nodes {
		if i >= validators && float64(len(n.hostile)) < opt.Hostile*float64(i+1) {
			n.joinHostile()
		} else {
			n.join()
		}
		time.Sleep(joinPause)
	}
	return n
}

// Run lets time pass. Honest nodes leave and come, as often as Options.Churn says.
func (n *Network) Run(length time.Duration) {
	n.t.Helper()
	for end := time.Now().Add(length); ; {
		pause := n.pause()
		if time.Now().Add(pause).After(end) {
			time.Sleep(time.Until(end))
			return
		}
		time.Sleep(pause)
		n.leave(validators + n.random.IntN(len(n.honest)-validators))
		n.join()
	}
}

// pause returns the time until the next node leaves.
func (n *Network) pause() time.Duration {
	leave := n.opt.Churn * float64(len(n.honest)) // in an hour
	if leave == 0 {
		return 1<<63 - 1
	}
	return time.Duration(n.random.ExpFloat64() / leave * float64(time.Hour))
}

// Close ends all nodes.
func (n *Network) Close() {
	n.t.Helper()
	for _, v := range n.honest {
		v.stop(n.t)
	}
	for _, h := range n.hostile {
		require.NoError(n.t, h.conns.Close())
	}
	require.NoError(n.t, n.mocknet.Close())
}

func (n *Network) somePool() pdx.PoolID {
	return pdx.PoolID(1 + n.random.IntN(max(1, n.opt.Nodes/nodesPerPool)))
}

// learn adds a host to a list that nodes read.
func (n *Network) learn(list *[]peer.AddrInfo, h host.Host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*list = append(*list, peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()})
}

func (n *Network) known(list *[]peer.AddrInfo) []peer.AddrInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(*list)
}
