package main

import (
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesCancelCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "cancel DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			if err := a.rehearse(cmd, a.t("sale.cancel_would", "deal", id)); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.CancelSale(cmd.Context(), &nodepb.CancelSaleRequest{DealId: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.say("sale.cancelled", "deal", id) })
		},
	}
	dryRunFlag(cmd, "MsgWithdrawOffer")
	return cmd
}
