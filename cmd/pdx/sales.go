package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesCommand() *cobra.Command {
	req, list := &nodepb.ListSalesRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "sales", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			asCSV, err := a.wantsCSV(cmd)
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListSales, api.AllSales)
			if err != nil {
				return err
			}
			if asCSV {
				return salesCSV(res).print(a)
			}
			return a.show(res, func(p printer) { p.sales(res) })
		},
	}
	list.add(cmd)
	list.addOrder(cmd)
	csvFlag(cmd)
	cmd.AddCommand(a.salesShowCommand(), a.salesCancelCommand(), a.salesPruneCommand())
	return cmd
}

func (p printer) sales(res *nodepb.ListSalesResponse) {
	list := p.rows("pool", "data", "deal", "state", "price", "fees", "net", "date", "buyer", "reason")
	for _, s := range res.Sales {
		name := s.DataName
		if name == "" {
			name = short(s.DataId)
		}
		list.add(fmt.Sprint(s.PoolId), name, orDash(s.DealId), p.state(s.State), med(s.Price),
			med(s.Money.GetFees()), signed(s.Money), day(s.Created.AsTime()), short(s.Buyer), p.why(s))
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
