package scale

import (
	"bufio"
	"context"
	"fmt"

	dhtpb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/core/test"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/stream"
)

const (
	kad = protocol.ID("/pdx/" + chainID + "/kad/1.0.0")
	// liesPerAnswer is how many made-up members a hostile server names.
	liesPerAnswer = 64
	// friends is how many honest nodes a hostile one connects to, so that they take it in.
	friends = 20
	// maxRequest bounds what a hostile peer reads.
	maxRequest = 16 << 10
)

// hostile serves the DHT with lies: it forgets what it is told, leads every lookup to its like,
// and names members of any pool that do not exist.
type hostile struct {
	managedHost
	network *Network
}

func (n *Network) joinHostile() {
	n.t.Helper()
	h := &hostile{n.newHost(), n}
	h.SetStreamHandler(kad, h.serve)
	for range friends {
		to := n.honest[n.random.IntN(len(n.honest))]
		err := h.Connect(context.Background(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()})
		require.NoError(n.t, err)
	}
	n.hostile = append(n.hostile, h)
	if len(n.like) < friends {
		n.learn(&n.like, h)
	}
}

func (h *hostile) serve(s network.Stream) {
	defer func() { _ = s.Reset() }()
	in := bufio.NewReader(s)
	for {
		var asked dhtpb.Message
		if stream.ReadFrame(in, maxRequest, &asked) != nil {
			return
		}
		if asked.Type == dhtpb.Message_ADD_PROVIDER {
			continue // which nobody answers
		}
		if stream.WriteFrame(s, h.lie(&asked)) != nil {
			return
		}
	}
}

func (h *hostile) lie(asked *dhtpb.Message) *dhtpb.Message {
	answer := dhtpb.NewMessage(asked.Type, asked.Key, 0)
	answer.CloserPeers = dhtpb.RawPeerInfosToPBPeers(h.network.known(&h.network.like))
	if asked.Type == dhtpb.Message_GET_PROVIDERS {
		answer.ProviderPeers = dhtpb.RawPeerInfosToPBPeers(madeUp())
	}
	return answer
}

// madeUp returns members that do not exist, each with an address group of its own.
func madeUp() []peer.AddrInfo {
	var made []peer.AddrInfo
	for i := range liesPerAnswer {
		if id, err := test.RandPeerID(); err == nil {
			addr := ma.StringCast(fmt.Sprintf("/ip4/%d.%d.9.9/tcp/4001", 100+i%100, i))
			made = append(made, peer.AddrInfo{ID: id, Addrs: []ma.Multiaddr{addr}})
		}
	}
	return made
}
