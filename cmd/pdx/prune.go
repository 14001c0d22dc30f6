package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

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

// A pruning is a kind of history that is forgotten.
type pruning[R proto.Message] struct {
	forget   func(ctx context.Context, client api.Client, olderThan uint64, dryRun bool) (R, error)
	question func(R) string // "" if nothing would go
	show     func(p printer, res R, dryRun bool)
}

// pruneCommand shows what would be forgotten, asks, and has it forgotten.
func pruneCommand[R proto.Message](a *app, of pruning[R]) *cobra.Command {
	f := &pruneFlags{}
	cmd := &cobra.Command{
		Use: "prune", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := of.forget(cmd.Context(), client, f.seconds(), true)
			if err != nil {
				return err
			}
			if question := of.question(res); !f.dryRun && question != "" {
				if err := a.confirm(cmd, question); err != nil {
					return err
				}
				if res, err = of.forget(cmd.Context(), client, f.seconds(), false); err != nil {
					return err
				}
			}
			return a.showWith(res, map[string]any{"dry_run": f.dryRun}, func(p printer) { of.show(p, res, f.dryRun) })
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) salesPruneCommand() *cobra.Command {
	return pruneCommand(a, pruning[*nodepb.PruneSalesResponse]{
		forget: pruneSales,
		question: func(res *nodepb.PruneSalesResponse) string {
			if len(res.Sales) == 0 {
				return ""
			}
			return a.t("prune.sales_question", "sales", a.t("count.sales", "n", len(res.Sales)), "size", bytesText(res.Bytes))
		},
		show: printer.prunedSales,
	})
}

// pruneSales forgets sales part by part, and returns all that went.
func pruneSales(ctx context.Context, client api.Client, olderThan uint64, dryRun bool) (*nodepb.PruneSalesResponse, error) {
	req := &nodepb.PruneSalesRequest{OlderThanSeconds: olderThan, DryRun: dryRun}
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
	return pruneCommand(a, pruning[*nodepb.PrunePullsResponse]{
		forget: prunePulls,
		question: func(res *nodepb.PrunePullsResponse) string {
			if len(res.Pulls) == 0 {
				return ""
			}
			return a.t("prune.pulls_question", "pulls", a.t("count.pulls", "n", len(res.Pulls)))
		},
		show: printer.prunedPulls,
	})
}

// prunePulls forgets pulls part by part, and returns all that went.
func prunePulls(ctx context.Context, client api.Client, olderThan uint64, dryRun bool) (*nodepb.PrunePullsResponse, error) {
	req := &nodepb.PrunePullsRequest{OlderThanSeconds: olderThan, DryRun: dryRun}
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
