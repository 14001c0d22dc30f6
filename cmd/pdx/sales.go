package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sales", Args: a.exactly(0),
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
			return a.show(res, func(p printer) { p.sales(res.Sales, data.Data) })
		},
	}
}

func (p printer) sales(sales []*nodepb.Sale, data []*nodepb.Data) {
	names := map[string]string{}
	for _, d := range data {
		names[d.Id] = d.Name
	}
	list := p.rows("pool", "data", "deal", "state", "price", "agreed", "started", "reason")
	for _, s := range sales {
		name := names[s.DataId]
		if name == "" {
			name = short(s.DataId)
		}
		list.add(fmt.Sprint(s.PoolId), name, orDash(s.DealId), p.state(s.State), med(s.Price), agreedIDs(s.Agreed),
			day(s.Created.AsTime()), p.why(s))
	}
	p.table(list, "sale.none")
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
	if s.Reason != "" || s.State == "final" {
		return s.Reason
	}
	for _, c := range s.Checks {
		switch {
		case len(c.Findings) > 0:
			return short(c.Validator) + ": " + p.finding(c.Findings[0])
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
		Use: "pulls", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListPulls(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.pulls(res.Pulls) })
		},
	}
	cmd.Flags().Uint64Var(&req.PoolId, "pool", 0, "")
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

func (p printer) pulls(pulls []*nodepb.Pulled) {
	list := p.rows("pool", "deal", "state", "size", "pulled", "records", "folder_or_reason")
	for _, pull := range pulls {
		where := pull.Path + p.filesGone(pull)
		if pull.Reason != "" {
			where = pull.Reason
		}
		list.add(fmt.Sprint(pull.PoolId), fmt.Sprint(pull.DealId), p.state(pull.State), bytesText(pull.Size), pulledPart(pull),
			orDash(pull.Records), where)
	}
	p.table(list, "pull.none")
}
