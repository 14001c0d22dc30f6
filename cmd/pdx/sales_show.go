package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) salesShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetSale(cmd.Context(), &nodepb.GetSaleRequest{DealId: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res.Sale, func(p printer) { p.sale(res.Sale) })
		},
	}
}

func (p printer) sale(s *nodepb.Sale) {
	facts := []string{
		"deal", p.t("deal.in_pool", "deal", s.GetDealId(), "pool", s.GetPoolId()), "title", s.GetTitle(), "name", s.GetDataName(),
		"state", p.meaning(s.GetState()), "buyer", s.GetBuyer(), "price", med(s.GetPrice()),
	}
	facts = append(facts, p.money(s.GetMoney())...)
	facts = append(facts,
		"discloses", strings.Join(s.GetFields(), " "), "agreed", agreedIDs(s.GetAgreed()), "agreed_at", when(s.GetCreated().AsTime()),
		"changed", when(s.GetUpdated().AsTime()), "ciphertext", s.GetRoot()+", "+bytesText(s.GetSize()), "path", s.GetDisclosed())
	for _, c := range s.GetChecks() {
		facts = append(facts, "certificate", p.t("sale.check", "validator", c.Validator, "stage", nameOf(p.texts, "stage.", c.Stage)))
	}
	p.facts(append(facts, "reason", p.why(s))...)
}

// money are facts of what a deal cost and brought; what did not move is left out.
func (p printer) money(m *nodepb.Money) (facts []string) {
	for _, part := range []struct {
		label  string
		amount *nodepb.Amount
	}{
		{"sold", m.GetPrice()},
		{"rewards", m.GetRewards()},
		{"commissions", m.GetCommission()},
		{"refunds", m.GetRefunds()},
		{"paid_in", m.GetPaid()},
		{"fees", m.GetFees()},
		{"slashed", m.GetSlashed()},
	} {
		if !nothing(part.amount) {
			facts = append(facts, part.label, med(part.amount))
		}
	}
	return append(facts, "net", signed(m))
}

func salesCSV(res *nodepb.ListSalesResponse) *csvTable {
	table := newCSV(slices.Concat([]string{
		"deal", "created", "pool", "data", "buyer", "state", "title", "fields", "agreed", "reason", "price_umed",
	}, moneyColumns)...)
	for _, s := range res.Sales {
		table.add(slices.Concat([]any{
			s.DealId, s.Created, s.PoolId, s.DataName, s.Buyer, s.State, s.Title, strings.Join(s.Fields, " "),
			strings.Trim(fmt.Sprint(s.Agreed), "[]"), s.Reason, s.Price,
		}, moneyCells(s.Money))...)
	}
	return table
}
