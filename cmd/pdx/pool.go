package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) poolCommand() *cobra.Command {
	return group("pool", "Open, find and close pools: requests for data with money in escrow",
		"  pdx pool list --status open\n  pdx pool show 7\n  pdx pool create criteria.json --price 10MED --count 100 --validators panacea1…,panacea1… --k 2",
		a.poolCreateCommand(), a.poolListCommand(), a.poolShowCommand(), a.poolCloseCommand())
}

func (a *app) poolListCommand() *cobra.Command {
	req := &nodepb.ListPoolsRequest{}
	cmd := &cobra.Command{
		Use: "list", Short: "List pools", Args: exactly(0),
		Example: "  pdx pool list --status open\n  pdx pool list --buyer panacea1…",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListPools(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printPools(w, res) })
		},
	}
	cmd.Flags().StringVar(&req.Status, "status", "", "open, closed, expired or filled")
	cmd.Flags().StringVar(&req.Buyer, "buyer", "", "pools of this account only")
	cmd.Flags().Uint32Var(&req.Limit, "limit", 0, "how many at most (100)")
	cmd.Flags().StringVar(&req.Cursor, "cursor", "", "go on from the page before")
	return cmd
}

func printPools(w io.Writer, res *nodepb.ListPoolsResponse) {
	list := newRows("POOL", "STATUS", "PRICE", "FILLED", "MEDIA TYPE", "TITLE")
	for _, p := range res.Pools {
		list.add(fmt.Sprint(p.Id), p.Status, med(p.Price), fmt.Sprintf("%d/%d", p.DeliveredCount, p.TargetCount), p.MediaType, p.Title)
	}
	list.print(w, "There is no such pool.")
	if res.NextCursor != "" {
		fmt.Fprintf(w, "more: --cursor %s\n", res.NextCursor)
	}
}

func deadlinesText(d *nodepb.Deadlines) string {
	text := func(s uint64) string { return (time.Duration(s) * time.Second).String() }
	return fmt.Sprintf("certify %s, ack %s, key %s, dispute %s", text(d.GetCertify()), text(d.GetAck()), text(d.GetKey()), text(d.GetDispute()))
}

func refundText(umed uint64) string {
	if umed == 0 {
		return "nothing"
	}
	return med(umed)
}

func (a *app) poolCloseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "close POOL", Short: "Close a pool of yours; unreserved escrow comes back, reserved deals finish", Args: exactly(1),
		Example: "  pdx pool close 7",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			if err := a.confirm(cmd, fmt.Sprintf("Close pool %d? It takes no more offers.", id)); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ClosePool(cmd.Context(), &nodepb.ClosePoolRequest{Id: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { fmt.Fprintf(w, "pool %d is closed; %s came back\n", id, refundText(res.Refund)) })
		},
	}
	yesFlag(cmd)
	return cmd
}
