package kit

import (
	"context"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

// everyNode are the protocols that every node serves.
var everyNode = []string{"hello/1", "blob/1", "blobs/1", "perf/1"}

func channelChecks() []check {
	return []check{
		{
			id: "channel/tcp", section: "README.md, Conventions of all pages", rule: "TCP with Noise and yamux is offered",
			run: func(context.Context, *stranger) error { return nil }, // every stranger connects by them
		},
		{
			id: "channel/protocols", section: "README.md, Versions of protocols", rule: "every node serves hello, blob, blobs and perf",
			run: func(_ context.Context, s *stranger) error {
				served, err := s.host.Peerstore().GetProtocols(s.target.Peer.ID)
				if err != nil {
					return err
				}
				for _, name := range everyNode {
					if !slices.Contains(served, named(s.target.ChainID, name)) {
						return fmt.Errorf("identify does not list %s", named(s.target.ChainID, name))
					}
				}
				return nil
			},
		},
		{
			id: "channel/chain", section: "README.md, Conventions of all pages", rule: "protocols of another chain are not served",
			run: func(ctx context.Context, s *stranger) error {
				for _, name := range everyNode {
					other := "/pdx/another-" + s.target.ChainID + "/" + name
					if t, err := s.open(ctx, other); err == nil {
						_ = t.Reset()
						return fmt.Errorf("the target serves %s", other)
					}
				}
				return ctx.Err()
			},
		},
		{
			id: "channel/ping", section: "network.md, Measuring a path", rule: "libp2p's ping is answered",
			run: func(ctx context.Context, s *stranger) error {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				return (<-ping.Ping(ctx, s.host, s.target.Peer.ID)).Error
			},
		},
		{
			id: "channel/autonat", section: "network.md, Finding peers: the DHT", rule: "AutoNAT v1 is not served",
			run: func(_ context.Context, s *stranger) error {
				served, err := s.host.Peerstore().GetProtocols(s.target.Peer.ID)
				if slices.Contains(served, "/libp2p/autonat/1.0.0") {
					return fmt.Errorf("identify lists /libp2p/autonat/1.0.0")
				}
				return err
			},
		},
	}
}
