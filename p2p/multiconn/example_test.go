package multiconn_test

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/p2p/multiconn"
)

// A node widens its connection to a peer for as long as a transfer takes. The peer
// needs nothing but an ordinary transport.
func Example() {
	here, there := loopbackHost(), loopbackHost()
	defer here.Close()
	defer there.Close()
	ctx := context.Background()
	if err := here.Connect(ctx, peer.AddrInfo{ID: there.ID(), Addrs: there.Addrs()}); err != nil {
		fmt.Println(err)
		return
	}
	conn, ok := multiconn.Direct(here.Network(), there.ID())
	fmt.Println(ok)

	lease := conn.Widen(ctx, 3, nil, nil)
	fmt.Println(lease.Connections(), "connections")
	stream, err := here.NewStream(multiconn.On(ctx, 2), there.ID(), "/ipfs/ping/1.0.0") // over the third
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = stream.Reset()
	lease.Release()
	// Output:
	// true
	// 3 connections
}

func loopbackHost() host.Host {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(multiconn.NewTCP), libp2p.DisableMetrics())
	if err != nil {
		panic(err)
	}
	return h
}
