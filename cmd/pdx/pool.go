package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) poolCommand() *cobra.Command {
	return group("pool", "Open, find and close pools: requests for data with money in escrow",
		"  pdx pool list --status open\n  pdx pool show 7\n  pdx pool create criteria.json --price 10MED --count 100 --validators panacea1…,panacea1… --k 2",
		a.poolCreateCommand(), a.poolListCommand(), a.poolShowCommand(), a.poolCloseCommand())
}

func (a *app) poolListCommand() *cobra.Command {
	req := &nodepb.ListPoolsRequest{}
	var least, most string
	cmd := &cobra.Command{
		Use: "list", Short: "List pools", Args: exactly(0),
		Long: `List pools by number. With --status and a price, but no --buyer or --media-type,
the cheapest come first.`,
		Example: "  pdx pool list --status open\n  pdx pool list --status open --media-type application/fhir+ndjson\n" +
			"  pdx pool list --status open --min-price 5MED --reverse\n  pdx pool list --buyer panacea1…",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if req.MinPrice, err = amountFlag("min-price", least); err != nil {
				return err
			}
			if req.MaxPrice, err = amountFlag("max-price", most); err != nil {
				return err
			}
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
	flags := cmd.Flags()
	flags.StringVar(&req.Status, "status", "", "open, closed, expired or filled")
	flags.StringVar(&req.Buyer, "buyer", "", "pools of this account only")
	flags.StringVar(&least, "min-price", "", "pools that pay this much or more for a dataset, like 5MED")
	flags.StringVar(&most, "max-price", "", "pools that pay this much or less, like 20MED")
	flags.StringVar(&req.MediaType, "media-type", "", "pools of this media type only, like application/fhir+ndjson")
	flags.BoolVar(&req.Reverse, "reverse", false, "from the last to the first")
	flags.Uint32Var(&req.Limit, "limit", 0, "how many at most (100)")
	flags.StringVar(&req.Cursor, "cursor", "", "go on from the page before, with the same filters")
	return cmd
}

// amountFlag reads an amount; a flag that was not given is unset.
func amountFlag(name, text string) (*nodepb.Amount, error) {
	if text == "" {
		return nil, nil
	}
	amount, err := pdx.ParseAmount(text)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", name, err)
	}
	return api.FromAmount(amount), nil
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

func refundText(refund *nodepb.Amount) string {
	if nothing(refund) {
		return "nothing"
	}
	return med(refund)
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
