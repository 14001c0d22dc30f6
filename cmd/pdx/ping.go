package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) pingCommand() *cobra.Command {
	var count uint32
	cmd := &cobra.Command{
		Use: "ping PEER", Short: "Measure round trips to a peer", Args: exactly(1),
		Long: `Measure round trips to a peer: a peer id, a multiaddr that ends in one, or the
account of a peer. Shows at which address it is reached, and whether directly or
through a relay.`,
		Example: "  pdx ping 12D3KooW…\n  pdx ping panacea1… --count 10 --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if count == 0 {
				return usagef("--count must be at least 1")
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			stream, err := client.Ping(cmd.Context(), &nodepb.PingRequest{Peer: args[0], Count: count})
			if err != nil {
				return api.FromStatus(err)
			}
			defer stream.Close()
			for stream.Receive() {
				round := stream.Msg()
				if err := a.step(round, pingText(round)); err != nil {
					return err
				}
			}
			return api.FromStatus(stream.Err())
		},
	}
	cmd.Flags().Uint32Var(&count, "count", 4, "how many round trips, a second apart")
	return cmd
}

func pingText(r *nodepb.PingResponse) string {
	return fmt.Sprintf("%d  %s  %s, %s, %s", r.Round, microseconds(r.RttUs), wayOf(r.Peer), r.Peer.Transport, r.Peer.Address)
}

// wayOf tells how a peer is reached.
func wayOf(p *nodepb.Peer) string {
	way := "direct"
	if p.Relayed {
		way = "relayed"
	}
	if p.Inbound {
		way += ", inbound"
	}
	return way
}

func microseconds(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
