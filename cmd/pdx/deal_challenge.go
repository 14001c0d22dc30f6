package main

import (
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) dealChallengeCommand() *cobra.Command {
	var chunks []uint
	cmd := &cobra.Command{
		Use: "challenge DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			req := &nodepb.ChallengeDealRequest{Id: uint64(id)}
			for _, chunk := range chunks {
				req.Chunks = append(req.Chunks, uint64(chunk))
			}
			if err := a.rehearse(cmd, a.t("deal.challenge_would", "deal", id)); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ChallengeDeal(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) {
				p.say("deal.challenged", "deal", id, "number", res.Number, "chunks", len(res.Chunks), "fee", med(res.Fee))
			})
		},
	}
	cmd.Flags().UintSliceVar(&chunks, "chunks", nil, "")
	dryRunFlag(cmd, "MsgChallenge")
	return cmd
}

// challenge says what became of the last challenge of a deal's promises.
func (p printer) challenge(c *nodepb.DealChallenge) []string {
	if c == nil {
		return nil
	}
	return fact("challenge", p.t("deal.challenge", "number", c.Number, "of", c.Of, "state", p.t("challenge."+c.State),
		"fee", med(c.Fee), "time", when(c.DeadlineTime.AsTime()), "validator", c.AnsweredBy))
}
