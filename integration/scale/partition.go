package scale

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// Part cuts the network into halves between which nothing passes: every other node, in the order
// in which they came, is in the same half. No node may come or leave until Heal.
func (n *Network) Part() {
	n.t.Helper()
	n.across(func(a, b *node) {
		require.NoError(n.t, n.mocknet.UnlinkPeers(a.ID(), b.ID()))
		require.NoError(n.t, n.mocknet.DisconnectPeers(a.ID(), b.ID()))
	})
}

// Heal undoes Part.
func (n *Network) Heal() {
	n.t.Helper()
	n.across(func(a, b *node) {
		_, err := n.mocknet.LinkPeers(a.ID(), b.ID())
		require.NoError(n.t, err)
	})
}

// across calls f for each pair of honest nodes of different halves.
func (n *Network) across(f func(a, b *node)) {
	for i := 0; i < len(n.honest); i += 2 {
		for j := 1; j < len(n.honest); j += 2 {
			f(n.honest[i], n.honest[j])
		}
	}
}

// firstOwn is the number of the pool that AnnounceOwn has the first node announce.
const firstOwn pdx.PoolID = 1_000_000

// AnnounceOwn has each node sell in a pool of its own besides, of which only those know that it
// can reach now.
func (n *Network) AnnounceOwn() {
	n.t.Helper()
	for i, v := range n.honest {
		require.NoError(n.t, v.discovery.Announce(context.Background(), firstOwn+pdx.PoolID(i), pdx.RoleSeller))
	}
}

// FindAcross has count nodes search for the pool of a node in the other half, again and again, until
// each has found it or patience is over. It returns how long that took from now, in the order of
// success.
func (n *Network) FindAcross(count int, patience time.Duration) (took []time.Duration) {
	n.t.Helper()
	began := time.Now()
	var open []int
	for i := range min(count, len(n.honest)-1) {
		open = append(open, i)
	}
	for len(open) > 0 && time.Since(began) < patience {
		left := open[:0]
		for _, i := range open {
			to := n.honest[i+1]
			if n.lookup(n.honest[i], firstOwn+pdx.PoolID(i+1), []peer.ID{to.ID()}).Found {
				took = append(took, time.Since(began))
			} else {
				left = append(left, i)
			}
		}
		open = left
		time.Sleep(time.Second)
	}
	return took
}
