package discovery_test

import (
	"context"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

// A seller announces that it is in a pool, and a buyer finds it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	seller, stopSeller := exampleNode(ctx)
	defer stopSeller()
	buyer, stopBuyer := exampleNode(ctx, peer.AddrInfo{ID: seller.host.ID(), Addrs: seller.host.Addrs()})
	defer stopBuyer()

	if err := seller.Announce(ctx, 7, pdx.RoleSeller); err != nil {
		fmt.Println(err)
		return
	}
	// Announcing goes on in the background: ask until it has arrived.
	for ctx.Err() == nil {
		found, err := buyer.Find(ctx, 7, pdx.RoleSeller)
		if err == nil && len(found) == 1 {
			fmt.Println("found the seller:", found[0].ID == seller.host.ID())
			return
		}
	}
	fmt.Println(ctx.Err())
	// Output:
	// found the seller: true
}

type example struct {
	*discovery.Discovery
	host host.Host
}

// exampleNode serves the DHT on a loopback port.
func exampleNode(ctx context.Context, seeds ...peer.AddrInfo) (example, func()) {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableRelay(), libp2p.DisableMetrics())
	if err != nil {
		panic(err)
	}
	d, err := discovery.New(h, discovery.Options{
		ChainID: "panacea-local-1", Mode: discovery.ModeServer, LocalNetwork: true, Peers: seeds,
	})
	if err == nil {
		err = d.Start(ctx)
	}
	if err != nil {
		panic(err)
	}
	return example{d, h}, func() {
		_ = d.Stop(context.Background())
		_ = h.Close()
	}
}
