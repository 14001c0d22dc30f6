package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

func (a *app) earningsCommand() *cobra.Command {
	req, list := &nodepb.ListEarningsRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "earnings", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.earnings(cmd, req, list, printer.earnings)
		},
	}
	cmd.Flags().StringVar(&req.By, "by", string(model.ByDay), "")
	list.add(cmd)
	list.addOrder(cmd)
	csvFlag(cmd)
	return cmd
}

// dealsCommand lists this account's deals with what each cost and brought.
func (a *app) dealsCommand() *cobra.Command {
	req, list := &nodepb.ListEarningsRequest{By: string(model.ByDeal)}, &listFlags{}
	cmd := &cobra.Command{
		Use: "deals", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.earnings(cmd, req, list, printer.ownDeals)
		},
	}
	list.add(cmd)
	list.addOrder(cmd)
	csvFlag(cmd)
	return cmd
}

// earnings reads and shows sums of money.
func (a *app) earnings(
	cmd *cobra.Command, req *nodepb.ListEarningsRequest, list *listFlags, show func(printer, *nodepb.ListEarningsResponse),
) error {
	asCSV, err := a.wantsCSV(cmd)
	if err != nil {
		return err
	}
	client, err := a.client(cmd.Context())
	if err != nil {
		return err
	}
	req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
	res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListEarnings, api.AllEarnings)
	if err != nil {
		return err
	}
	if !asCSV {
		return a.show(res, func(p printer) { show(p, res) })
	}
	table := newCSV(slices.Concat([]string{
		req.By, "first", "pool", "role", "state", "partner", "title", "price_umed",
	}, moneyColumns)...)
	for _, e := range res.Earnings {
		price := e.Price
		if e.DealId == 0 {
			price = nil
		}
		table.add(slices.Concat([]any{period(e.Key), e.First, e.PoolId, e.Role, e.State, e.Partner, e.Title, price}, moneyCells(e.Money))...)
	}
	return table.print(a)
}

// period is a day, a month or a number, which is not text to a spreadsheet.
type period string

func (p printer) earnings(res *nodepb.ListEarningsResponse) {
	list := p.rows("period", "sold", "rewards", "commission", "refunds", "paid_in", "fees", "net")
	for _, e := range res.Earnings {
		m := e.Money
		list.add(e.Key, med(m.GetPrice()), med(m.GetRewards()), med(m.GetCommission()), med(m.GetRefunds()), med(m.GetPaid()),
			med(m.GetFees()), signed(m))
	}
	p.table(list, "earnings.none")
	p.total(res)
}

func (p printer) ownDeals(res *nodepb.ListEarningsResponse) {
	list := p.rows("deal", "date", "role", "state", "partner", "price", "fees", "net", "title")
	for _, e := range res.Earnings {
		list.add(fmt.Sprint(e.DealId), day(e.First.AsTime()), nameOf(p.texts, "role.", e.Role), p.state(e.State), short(e.Partner), med(e.Price),
			med(e.Money.GetFees()), signed(e.Money), e.Title)
	}
	p.table(list, "earnings.no_deals")
	p.total(res)
}

// total prints the sums of all that is on record, and from when on it is.
func (p printer) total(res *nodepb.ListEarningsResponse) {
	p.more(res.NextCursor)
	if res.Since == 0 {
		return
	}
	m := res.Total
	p.say("earnings.total", "net", signed(m), "sold", med(m.GetPrice()), "rewards", med(m.GetRewards()), "commission", med(m.GetCommission()),
		"refunds", med(m.GetRefunds()), "paid", med(m.GetPaid()), "fees", med(m.GetFees()))
	if !nothing(m.GetSlashed()) {
		p.say("earnings.slashed", "slashed", med(m.GetSlashed()))
	}
	p.say("earnings.since", "height", res.Since)
	if res.Missed > 0 {
		p.say("earnings.missed", "n", res.Missed)
	}
}

// signed is what is left, for people, with a minus sign if it is less than 0.
func signed(m *nodepb.Money) string {
	digits, minus := strings.CutPrefix(m.GetNet(), "-")
	amount, err := pdx.ParseAmount(digits + m.GetDenom())
	switch {
	case m == nil:
		return "-"
	case err != nil:
		return clean(m.GetNet() + " " + m.GetDenom())
	case minus:
		return "-" + amount.MED()
	}
	return amount.MED()
}
