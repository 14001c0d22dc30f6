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

func (a *app) dealCommand() *cobra.Command {
	return group("deal", "Show deals: one dataset in one pool, from offer to payment", "  pdx deal list --pool 7\n  pdx deal show 12",
		a.dealListCommand(), a.dealShowCommand())
}

func (a *app) dealListCommand() *cobra.Command {
	req := &nodepb.ListDealsRequest{}
	var due time.Duration
	var oldest bool
	cmd := &cobra.Command{
		Use: "list", Short: "List deals, the newest first", Args: exactly(0),
		Long: "List deals, the newest first. With --due those whose deadline is near, the nearest first.",
		Example: "  pdx deal list --pool 7\n  pdx deal list --seller panacea1… --state delivered\n" +
			"  pdx deal list --buyer panacea1… --state certified --due 2h",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("due") && due < time.Second {
				return fmt.Errorf("--due %v: %w: how far ahead the deadline may be, like 2h", due, pdx.ErrInvalid)
			}
			if due != 0 && oldest {
				return usagef("--due and --oldest-first are two orders; give one")
			}
			req.DueSeconds, req.Reverse = uint64(due/time.Second), due == 0 && !oldest
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListDeals(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printDeals(w, res) })
		},
	}
	flags := cmd.Flags()
	flags.Uint64Var(&req.PoolId, "pool", 0, "deals of this pool only")
	flags.StringVar(&req.Seller, "seller", "", "deals of this seller only")
	flags.StringVar(&req.Buyer, "buyer", "", "deals of this buyer only")
	flags.StringVar(&req.Validator, "validator", "", "deals that this validator may certify only")
	flags.StringVar(&req.State, "state", "", "deals in this state only: offered, certified, acked, delivered, final, lapsed, unacked, undelivered, fraud")
	flags.DurationVar(&due, "due", 0, "deals whose deadline is not further ahead only, like 2h")
	flags.BoolVar(&oldest, "oldest-first", false, "by number, from the oldest on")
	flags.Uint32Var(&req.Limit, "limit", 0, "how many at most (100)")
	flags.StringVar(&req.Cursor, "cursor", "", "go on from the page before, with the same filters")
	return cmd
}

func printDeals(w io.Writer, res *nodepb.ListDealsResponse) {
	list := newRows("DEAL", "POOL", "STATE", "PRICE", "SIZE", "SELLER", "BUYER")
	for _, d := range res.Deals {
		list.add(fmt.Sprint(d.Id), fmt.Sprint(d.PoolId), d.State, med(d.Price), bytesText(d.Size), short(d.Seller), short(d.Buyer))
	}
	list.print(w, "There is no such deal.")
	if res.NextCursor != "" {
		fmt.Fprintf(w, "more: --cursor %s\n", res.NextCursor)
	}
}

func (a *app) dealShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DEAL", Short: "Show a deal and its whole history", Args: exactly(1),
		Example: "  pdx deal show 12",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetDeal(cmd.Context(), &nodepb.GetDealRequest{Id: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res.Deal, func(w io.Writer) { printDeal(w, res.Deal) })
		},
	}
}

func printDeal(w io.Writer, d *nodepb.Deal) {
	facts(w,
		"deal", fmt.Sprintf("%d in pool %d", d.Id, d.PoolId),
		"state", d.State,
		"seller", d.Seller,
		"buyer", d.Buyer,
		"price", med(d.Price),
		"deposit", med(d.Deposit),
		"ciphertext", fmt.Sprintf("%s, %s", d.Root, bytesText(d.Size)),
		"disclosed", strings.Join(d.Fields, " "),
	)
	for _, c := range d.Certificates {
		verdict := "accepted"
		if !c.Accepted {
			verdict = "rejected: " + c.Reason
		}
		fmt.Fprintf(w, "certificate  height %d  %s  %s\n", c.Height, c.Validator, verdict)
	}
	for _, s := range d.Shares {
		fmt.Fprintf(w, "share        %s  %s\n", med(s.Amount), s.Address)
	}
	printConviction(w, d.Conviction)
	for _, h := range d.History {
		fmt.Fprintf(w, "history      height %-8d %s  %s\n", h.Height, ago(h.Time.AsTime()), h.State)
	}
	if d.DeadlineHeight > 0 {
		fmt.Fprintf(w, "deadline     height %d and %s\n", d.DeadlineHeight, ago(d.DeadlineTime.AsTime()))
	}
}

// printConviction says what was wrong with a dataset, and who paid for it.
func printConviction(w io.Writer, c *nodepb.Conviction) {
	if c == nil {
		return
	}
	what := "the delivered key does not open the box"
	if pdx.ComplaintKind(c.Kind) == pdx.ComplaintSegment {
		what = fmt.Sprintf("segment %d does not decrypt", c.Segment)
	}
	fmt.Fprintf(w, "conviction   %s\n", what)
	fmt.Fprintf(w, "refund       %s to the buyer: price, deposit and a compensation of %s\n", med(c.Refund), med(c.Compensation))
	for _, s := range c.Slashed {
		fmt.Fprintf(w, "slashed      %s  %s\n", med(s.Amount), s.Address)
	}
}
