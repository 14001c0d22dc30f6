package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesCommand() *cobra.Command {
	req, list := &nodepb.ListSalesRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "sales", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListSales, api.AllSales)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.sales(res) })
		},
	}
	list.add(cmd)
	list.addOrder(cmd)
	cmd.AddCommand(a.salesCancelCommand(), a.salesPruneCommand())
	return cmd
}

func (p printer) sales(res *nodepb.ListSalesResponse) {
	list := p.rows("pool", "data", "deal", "state", "price", "agreed", "started", "reason")
	for _, s := range res.Sales {
		name := s.DataName
		if name == "" {
			name = short(s.DataId)
		}
		list.add(fmt.Sprint(s.PoolId), name, orDash(s.DealId), p.state(s.State), med(s.Price), agreedIDs(s.Agreed),
			day(s.Created.AsTime()), p.why(s))
	}
	p.table(list, "sale.none")
	p.more(res.NextCursor)
}

// agreedIDs are the numbers of the terms that a seller agreed to.
func agreedIDs(ids []uint32) string {
	if len(ids) == 0 {
		return "-"
	}
	return strings.Trim(fmt.Sprint(ids), "[]")
}

// why is what a sale waits for, or why it ended: its own reason, else the
// first that a validator gave.
func (p printer) why(s *nodepb.Sale) string {
	if s.Reason == "" && s.Skipped > 0 {
		return p.t("sell.left_out", "n", s.Skipped)
	}
	if s.Reason != "" || s.State == "final" {
		return s.Reason
	}
	for _, c := range s.Checks {
		switch {
		case len(c.Findings) > 0:
			return short(c.Validator) + ": " + p.firstOf(c.Findings, c.FindingsTotal)
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
	req, list := &nodepb.ListPullsRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "pulls", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListPulls, api.AllPulls)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.pulls(res, pricesOf(cmd.Context(), client)) })
		},
	}
	cmd.Flags().Uint64Var(&req.PoolId, "pool", 0, "")
	list.add(cmd)
	list.addOrder(cmd)
	cmd.AddCommand(a.pullsPruneCommand())
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

func (p printer) pulls(res *nodepb.ListPullsResponse, prices map[uint64]pdx.Amount) {
	list := p.rows("pool", "deal", "state", "price", "size", "pulled", "records", "folder_or_reason")
	for _, pull := range res.Pulls {
		where := pull.Path + p.filesGone(pull)
		if pull.Reason != "" {
			where = pull.Reason
		}
		price := "-"
		if amount, known := prices[pull.PoolId]; known {
			price = amount.MED()
		}
		list.add(fmt.Sprint(pull.PoolId), fmt.Sprint(pull.DealId), p.state(pull.State), price, bytesText(pull.Size), pulledPart(pull),
			orDash(pull.Records), where)
	}
	p.table(list, "pull.none")
	p.more(res.NextCursor)
	if total, n := spent(res.Pulls, prices); n > 0 {
		p.say("pull.spent", "n", n, "spent", total.MED())
	}
}
