package scale

import (
	"bytes"
	"context"
	"slices"
	"time"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// A Lookup is one search for the sellers of a pool.
type Lookup struct {
	Found    bool          // a live member with an address was among the results
	Took     time.Duration // in virtual time, to the whole result
	Hops     int           // how many answers led to the server nearest to the key
	Requests int           // how many peers were asked
	Results  int
}

// Lookups makes Options.Lookups searches, each from an honest node for a pool that has a live
// honest seller elsewhere. Nodes leave and come meanwhile.
func (n *Network) Lookups() []Lookup {
	n.t.Helper()
	var all []Lookup
	for len(all) < n.opt.Lookups {
		from := n.honest[n.random.IntN(len(n.honest))]
		pool := n.somePool()
		if members := n.sellers(pool, from); len(members) > 0 {
			all = append(all, n.lookup(from, pool, members))
		}
		n.Run(5 * time.Second)
	}
	return all
}

// sellers returns the live honest sellers of a pool, without one.
func (n *Network) sellers(pool pdx.PoolID, without *node) (ids []peer.ID) {
	for _, v := range n.honest {
		if v.pool == pool && v != without {
			ids = append(ids, v.ID())
		}
	}
	return ids
}

func (n *Network) lookup(from *node, pool pdx.PoolID, members []peer.ID) (l Lookup) {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	searching, events := dht.RegisterForLookupEvents(ctx)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		l.Hops, l.Requests = follow(events)
	}()
	began := time.Now()
	found, err := from.discovery.Find(searching, pool, pdx.RoleSeller)
	l.Took, l.Results = time.Since(began), len(found)
	cancel()
	<-followed
	if err != nil {
		n.t.Logf("a lookup failed: %v", err)
	}
	l.Found = slices.ContainsFunc(found, func(p peer.AddrInfo) bool { return len(p.Addrs) > 0 && slices.Contains(members, p.ID) })
	return l
}

// follow reads the events of a lookup until they end. It returns how many answers led to the
// asked server that is nearest to the key, and how many servers were asked.
func follow(events <-chan *dht.LookupEvent) (hops, requests int) {
	depth := map[peer.ID]int{}
	var nearest []byte
	for e := range events {
		if r := e.Response; r != nil {
			from := 0
			if r.Cause != nil {
				from = depth[r.Cause.Peer] // 0 for the node itself, whose table begins the lookup
			}
			for _, p := range r.Heard {
				if _, known := depth[p.Peer]; !known {
					depth[p.Peer] = from + 1
				}
			}
		}
		if r := e.Request; r != nil {
			for _, p := range r.Waiting {
				requests++
				if d := distance(p.Kad, e.Key.Kad); nearest == nil || bytes.Compare(d, nearest) < 0 {
					nearest, hops = d, depth[p.Peer]
				}
			}
		}
	}
	return hops, requests
}

// distance is Kademlia's: the exclusive or.
func distance(a, b []byte) []byte {
	d := make([]byte, len(a))
	for i := range a {
		d[i] = a[i] ^ b[i]
	}
	return d
}

// Requests returns how many requests of the DHT all honest nodes were asked since they came.
func (n *Network) Requests() (sum float64) {
	n.t.Helper()
	for _, v := range n.honest {
		sum += v.requests(n.t)
	}
	return sum
}

// Table returns the mean size of the honest nodes' routing tables.
func (n *Network) Table() float64 {
	sum := 0
	for _, v := range n.honest {
		sum += v.discovery.Peers()
	}
	require.NotEmpty(n.t, n.honest)
	return float64(sum) / float64(len(n.honest))
}
