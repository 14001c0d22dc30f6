package main

import (
	"fmt"
	"io"
	"strings"
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
			client, err := a.client()
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

func (a *app) poolShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show POOL", Short: "Show a pool, its terms and its criteria", Args: exactly(1),
		Example: "  pdx pool show 7",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client()
			if err != nil {
				return err
			}
			res, err := client.GetPool(cmd.Context(), &nodepb.GetPoolRequest{Id: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res.Pool, func(w io.Writer) { printPool(w, res.Pool) })
		},
	}
}

func printPool(w io.Writer, p *nodepb.Pool) {
	facts(w,
		"pool", fmt.Sprintf("%d: %s", p.Id, p.Title),
		"status", p.Status,
		"buyer", p.Buyer,
		"price", med(p.Price)+" for each dataset",
		"datasets", fmt.Sprintf("%d of %d delivered, %d reserved", p.DeliveredCount, p.TargetCount, p.ReservedCount),
		"escrow", med(p.Escrow)+" unreserved",
		"media type", p.MediaType,
		"criteria", p.CriteriaCid,
		"validators", fmt.Sprintf("%d of %d must accept: %s", p.RequiredCertificates, len(p.Validators), strings.Join(p.Validators, ", ")),
		"deadlines", deadlinesText(p.Deadlines),
		"expiry", ago(p.Expiry.AsTime()),
	)
	for _, t := range p.Terms {
		need := "optional"
		if t.Required {
			need = "required"
		}
		fmt.Fprintf(w, "term %d (%s): %s: %s\n", t.Id, need, t.Title, t.Description)
	}
	if len(p.Criteria) > 0 {
		fmt.Fprintf(w, "\n%s\n", p.Criteria)
	} else {
		fmt.Fprintln(w, "\nThe criteria cannot be had now: the buyer's machine is away.")
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
			client, err := a.client()
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
