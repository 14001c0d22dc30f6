package main

import (
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) reachCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reach PEER", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			stream, err := client.ExplainPath(cmd.Context(), &nodepb.ExplainPathRequest{Peer: args[0]})
			if err != nil {
				return api.FromStatus(err)
			}
			defer stream.Close()
			for stream.Receive() {
				step := stream.Msg()
				if err := a.step(step, a.printer(a.out).reachStep(step)); err != nil {
					return err
				}
			}
			return api.FromStatus(stream.Err())
		},
	}
}

// reachStep is one step on the way to a peer.
func (p printer) reachStep(r *nodepb.ExplainPathResponse) string {
	mark := p.t("status.ok")
	if !r.Ok {
		mark = p.t("status.not_ok")
	}
	text := p.t("reach.step", "step", r.Step, "mark", mark, "message", r.Message)
	if r.Address != "" {
		text = p.t("reach.at", "text", text, "address", r.Address)
	}
	if r.RttUs > 0 {
		text = p.t("reach.trip", "text", text, "rtt", microseconds(r.RttUs))
	}
	return text
}
