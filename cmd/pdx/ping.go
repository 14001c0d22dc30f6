package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) pingCommand() *cobra.Command {
	var count uint32
	cmd := &cobra.Command{
		Use: "ping PEER", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if count == 0 {
				return a.fail(errUsage, "ping.bad_count")
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
				if err := a.step(round, a.printer(a.out).ping(round)); err != nil {
					return err
				}
			}
			return api.FromStatus(stream.Err())
		},
	}
	cmd.Flags().Uint32Var(&count, "count", 4, "")
	return cmd
}

func (p printer) ping(r *nodepb.PingResponse) string {
	return p.t("ping.round", "round", r.Round, "rtt", microseconds(r.RttUs), "path", p.path(r.Peer), "transport", r.Peer.Transport, "address",
		r.Peer.Address)
}

// path is how a peer is reached.
func (p printer) path(peer *nodepb.Peer) string {
	path := p.t("path.direct")
	if peer.Relayed {
		path = p.t("path.relayed")
	}
	if peer.Inbound {
		path += ", " + p.t("path.inbound")
	}
	return path
}

func microseconds(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
