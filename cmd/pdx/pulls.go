package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

func (a *app) pullsCommand() *cobra.Command {
	req, list := &nodepb.ListPullsRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "pulls", Args: a.exactly(0),
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
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListPulls, api.AllPulls)
			if err != nil {
				return err
			}
			if asCSV {
				return pullsCSV(res).print(a)
			}
			return a.show(res, func(p printer) { p.pulls(res) })
		},
	}
	cmd.Flags().Uint64Var(&req.PoolId, "pool", 0, "")
	list.add(cmd)
	list.addOrder(cmd)
	csvFlag(cmd)
	cmd.AddCommand(a.pullsShowCommand(), a.pullsPruneCommand())
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

func (p printer) pulls(res *nodepb.ListPullsResponse) {
	list := p.rows("pool", "deal", "state", "price", "fees", "size", "pulled", "records", "date", "seller", "folder_or_reason")
	for _, pull := range res.Pulls {
		where := pull.Path + p.filesGone(pull)
		if pull.Reason != "" {
			where = pull.Reason
		}
		list.add(fmt.Sprint(pull.PoolId), fmt.Sprint(pull.DealId), p.state(pull.State), priceText(pull.Price), med(pull.Money.GetFees()),
			bytesText(pull.Size), pulledPart(pull), orDash(pull.Records), day(pull.OpenedAt.AsTime()), short(pull.Seller), where)
	}
	p.table(list, "pull.none")
	p.more(res.NextCursor)
	if total, n := spent(res.Pulls); n > 0 {
		p.say("pull.spent", "n", n, "spent", total.MED())
	}
}

// priceText is a price that may not be known.
func priceText(price *nodepb.Amount) string {
	if price == nil {
		return "-"
	}
	return med(price)
}

// spent is how much was committed for datasets and has not come back, and for how many.
func spent(pulls []*nodepb.Pulled) (total pdx.Amount, datasets int) {
	for _, p := range pulls {
		switch model.PullState(p.State) {
		case model.PullAcked, model.PullDelivered, model.PullOpened, model.PullDisputed, model.PullFinal, model.PullFailed:
			if price, err := api.ToAmount(p.Price); err == nil && p.Price != nil {
				total, datasets = total+price, datasets+1
			}
		}
	}
	return total, datasets
}

func pullsCSV(res *nodepb.ListPullsResponse) *csvTable {
	table := newCSV(slices.Concat([]string{
		"deal", "opened_at", "pool", "seller", "state", "title", "size", "records", "path", "reason", "erased", "price_umed",
	}, moneyColumns)...)
	for _, p := range res.Pulls {
		table.add(slices.Concat([]any{
			p.DealId, p.OpenedAt, p.PoolId, p.Seller, p.State, p.Title, p.Size, p.Records, p.Path, p.Reason, p.Erased, p.Price,
		}, moneyCells(p.Money))...)
	}
	return table
}

func (a *app) pullsShowCommand() *cobra.Command {
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
			res, err := client.GetPull(cmd.Context(), &nodepb.GetPullRequest{DealId: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res.Pull, func(p printer) { p.pull(res.Pull) })
		},
	}
}

func (p printer) pull(pull *nodepb.Pulled) {
	facts := []string{
		"deal", p.t("deal.in_pool", "deal", pull.GetDealId(), "pool", pull.GetPoolId()), "title", pull.GetTitle(),
		"state", p.meaning(pull.GetState()), "seller", pull.GetSeller(), "price", priceText(pull.GetPrice()),
	}
	facts = append(facts, p.money(pull.GetMoney())...)
	facts = append(facts, "size", bytesText(pull.GetSize()))
	facts = append(facts, p.purchase(pull)...)
	if pull.GetErased() != nil {
		facts = append(facts, "erased", when(pull.Erased.AsTime()))
	}
	p.facts(append(facts, "reason", pull.GetReason())...)
}
