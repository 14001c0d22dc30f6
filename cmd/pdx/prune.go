package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// pruneDays is how old history is that a verb forgets unless it is told otherwise: half a
// year, in which questions about a sale or a purchase come.
const pruneDays = 180

// pruneFlags say what of the history is forgotten.
type pruneFlags struct {
	days   uint32
	dryRun bool
}

func (f *pruneFlags) add(cmd *cobra.Command) {
	cmd.Flags().Uint32Var(&f.days, "older-than", pruneDays, "")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "")
	yesFlag(cmd)
}

func (f *pruneFlags) seconds() uint64 { return uint64(f.days) * uint64(24*time.Hour/time.Second) }

func (a *app) salesPruneCommand() *cobra.Command {
	f := &pruneFlags{}
	cmd := &cobra.Command{
		Use: "prune", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			prune := func(dryRun bool) (*nodepb.PruneSalesResponse, error) {
				return pruneSales(cmd.Context(), client, &nodepb.PruneSalesRequest{OlderThanSeconds: f.seconds(), DryRun: dryRun})
			}
			res, err := prune(true)
			if err != nil {
				return err
			}
			if !f.dryRun && len(res.Sales) > 0 {
				question := a.t("prune.sales_question", "sales", a.t("count.sales", "n", len(res.Sales)), "size", bytesText(res.Bytes))
				if err := a.confirm(cmd, question); err != nil {
					return err
				}
				if res, err = prune(false); err != nil {
					return err
				}
			}
			return a.showWith(res, map[string]any{"dry_run": f.dryRun}, func(p printer) { p.prunedSales(res, f.dryRun) })
		},
	}
	f.add(cmd)
	return cmd
}

// pruneSales forgets sales part by part, and returns all that went.
func pruneSales(ctx context.Context, client api.Client, req *nodepb.PruneSalesRequest) (*nodepb.PruneSalesResponse, error) {
	all := &nodepb.PruneSalesResponse{}
	for {
		res, err := client.PruneSales(ctx, req)
		if err != nil {
			return nil, err
		}
		all.Sales = append(all.Sales, res.Sales...)
		all.Kept, all.Files, all.Bytes = all.Kept+res.Kept, all.Files+res.Files, all.Bytes+res.Bytes
		if req.Cursor = res.NextCursor; req.Cursor == "" {
			return all, nil
		}
	}
}

func (p printer) prunedSales(res *nodepb.PruneSalesResponse, dryRun bool) {
	list := p.rows("pool", "deal", "state", "price", "started", "id")
	for _, s := range res.Sales {
		list.add(fmt.Sprint(s.PoolId), orDash(s.DealId), p.state(s.State), med(s.Price), day(s.Created.AsTime()), s.Id)
	}
	p.table(list, "prune.no_sales")
	if res.Kept > 0 {
		p.say("prune.sales_kept", "sales", p.t("count.sales", "n", res.Kept))
	}
	if len(res.Sales) == 0 {
		return
	}
	sales, size := p.t("count.sales", "n", len(res.Sales)), bytesText(res.Bytes)
	if dryRun {
		p.say("prune.sales_dry", "sales", sales, "size", size)
		return
	}
	p.say("prune.sales", "sales", sales, "size", size)
}

func (a *app) pullsPruneCommand() *cobra.Command {
	f := &pruneFlags{}
	cmd := &cobra.Command{
		Use: "prune", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			prune := func(dryRun bool) (*nodepb.PrunePullsResponse, error) {
				return prunePulls(cmd.Context(), client, &nodepb.PrunePullsRequest{OlderThanSeconds: f.seconds(), DryRun: dryRun})
			}
			res, err := prune(true)
			if err != nil {
				return err
			}
			if !f.dryRun && len(res.Pulls) > 0 {
				if err := a.confirm(cmd, a.t("prune.pulls_question", "pulls", a.t("count.pulls", "n", len(res.Pulls)))); err != nil {
					return err
				}
				if res, err = prune(false); err != nil {
					return err
				}
			}
			return a.showWith(res, map[string]any{"dry_run": f.dryRun}, func(p printer) { p.prunedPulls(res, f.dryRun) })
		},
	}
	f.add(cmd)
	return cmd
}

// prunePulls forgets pulls part by part, and returns all that went.
func prunePulls(ctx context.Context, client api.Client, req *nodepb.PrunePullsRequest) (*nodepb.PrunePullsResponse, error) {
	all := &nodepb.PrunePullsResponse{}
	for {
		res, err := client.PrunePulls(ctx, req)
		if err != nil {
			return nil, err
		}
		all.Pulls, all.Kept = append(all.Pulls, res.Pulls...), all.Kept+res.Kept
		if req.Cursor = res.NextCursor; req.Cursor == "" {
			return all, nil
		}
	}
}

func (p printer) prunedPulls(res *nodepb.PrunePullsResponse, dryRun bool) {
	list := p.rows("pool", "deal", "state", "size", "folder_or_reason")
	for _, pull := range res.Pulls {
		where := pull.Path
		if where == "" {
			where = pull.Reason
		}
		list.add(fmt.Sprint(pull.PoolId), fmt.Sprint(pull.DealId), p.state(pull.State), bytesText(pull.Size), where)
	}
	p.table(list, "prune.no_pulls")
	if res.Kept > 0 {
		p.say("prune.pulls_kept", "pulls", p.t("count.pulls", "n", res.Kept))
	}
	if len(res.Pulls) == 0 {
		return
	}
	pulls := p.t("count.pulls", "n", len(res.Pulls))
	if dryRun {
		p.say("prune.pulls_dry", "pulls", pulls)
		return
	}
	p.say("prune.pulls", "pulls", pulls)
}
