package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sales", Short: "List what this node sells or sold, and how it goes", Args: exactly(0),
		Example: "  pdx sales\n  pdx sales --json | jq '.sales[] | select(.state != \"final\")'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListSales(cmd.Context(), &nodepb.ListSalesRequest{})
			if err != nil {
				return err
			}
			data, err := client.ListData(cmd.Context(), &nodepb.ListDataRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printSales(w, res.Sales, data.Data) })
		},
	}
}

func printSales(w io.Writer, sales []*nodepb.Sale, data []*nodepb.Data) {
	names := map[string]string{}
	for _, d := range data {
		names[d.Id] = d.Name
	}
	list := newRows("POOL", "DATA", "DEAL", "STATE", "WHY")
	for _, s := range sales {
		name := names[s.DataId]
		if name == "" {
			name = short(s.DataId)
		}
		list.add(fmt.Sprint(s.PoolId), name, orDash(s.DealId), s.State, whyOf(s))
	}
	list.print(w, "Nothing was sold yet: pdx pool list --status open, then pdx sell POOL DATA")
}

// whyOf is what a sale waits for, or why it ended: its own reason, else the
// first that a validator gave.
func whyOf(s *nodepb.Sale) string {
	if s.Reason != "" || s.State == "final" {
		return s.Reason
	}
	for _, c := range s.Checks {
		switch {
		case len(c.Findings) > 0:
			return short(c.Validator) + ": " + findingText(c.Findings[0])
		case c.Message != "":
			return short(c.Validator) + ": " + c.Message
		}
	}
	return ""
}

func orDash(id uint64) string {
	if id == 0 {
		return "-"
	}
	return fmt.Sprint(id)
}

func (a *app) pullsCommand() *cobra.Command {
	req := &nodepb.ListPullsRequest{}
	cmd := &cobra.Command{
		Use: "pulls", Short: "List what this node pulls or pulled, and how it goes", Args: exactly(0),
		Example: "  pdx pulls\n  pdx pulls --pool 7",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListPulls(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printPulls(w, res.Pulls) })
		},
	}
	cmd.Flags().Uint64Var(&req.PoolId, "pool", 0, "of this pool only")
	return cmd
}

// pulledPart is how much is here; what was decrypted is not kept sealed.
func pulledPart(p *nodepb.Pulled) string {
	switch p.State {
	case "certified", "pulling", "paused":
		return fmt.Sprintf("%d %%", 100*p.Held/max(p.Size, 1))
	}
	return "-"
}

func printPulls(w io.Writer, pulls []*nodepb.Pulled) {
	list := newRows("POOL", "DEAL", "STATE", "SIZE", "PULLED", "RECORDS", "FOLDER OR REASON")
	for _, p := range pulls {
		where := p.Path
		if p.Reason != "" {
			where = p.Reason
		}
		list.add(fmt.Sprint(p.PoolId), fmt.Sprint(p.DealId), p.State, bytesText(p.Size), pulledPart(p), orDash(p.Records), where)
	}
	list.print(w, "Nothing was pulled yet: pdx pull POOL --out FOLDER")
}
