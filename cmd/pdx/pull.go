package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

func (a *app) pullCommand() *cobra.Command {
	req, follow := &nodepb.PullRequest{}, false
	cmd := &cobra.Command{
		Use: "pull POOL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pool, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.PoolId = uint64(pool)
			if req.Out, err = absolute(req.Out); err != nil {
				return err
			}
			if err := a.confirmPull(cmd, req); err != nil {
				return err
			}
			return a.pull(cmd.Context(), req, follow)
		},
	}
	cmd.Flags().StringVar(&req.Out, "out", ".", "")
	cmd.Flags().Uint64Var(&req.DealId, "deal", 0, "")
	cmd.Flags().BoolVar(&follow, "follow", false, "")
	dryRunFlag(cmd, "MsgAck")
	yesFlag(cmd)
	return cmd
}

// confirmPull says what an ack is, and asks with the price.
func (a *app) confirmPull(cmd *cobra.Command, req *nodepb.PullRequest) error {
	price := a.t("pull.pool_price")
	if yes, _ := cmd.Flags().GetBool("yes"); rehearsing(cmd) || !yes && isTerminal(a.in) {
		client, err := a.client(cmd.Context())
		if err != nil {
			return err
		}
		res, err := client.GetPool(cmd.Context(), &nodepb.GetPoolRequest{Id: req.PoolId})
		if err != nil {
			return err
		}
		price = med(res.Pool.Price)
		a.note("pull.ack")
	}
	if req.DealId != 0 {
		return a.confirm(cmd, a.t("pull.question_deal", "deal", req.DealId, "pool", req.PoolId, "price", price))
	}
	return a.confirm(cmd, a.t("pull.question", "pool", req.PoolId, "price", price))
}

func (a *app) pull(ctx context.Context, req *nodepb.PullRequest, follow bool) error {
	client, err := a.client(ctx)
	if err != nil {
		return err
	}
	res, err := client.Pull(ctx, req)
	if err != nil {
		return err
	}
	if follow {
		if !a.json {
			a.printer(a.out).ordered(res)
		}
		f := a.newPullsFollower(client, req)
		defer f.bar.hide()
		return a.watch(ctx, client, req.PoolId, f)
	}
	return a.show(res, func(p printer) {
		p.ordered(res)
		if res.Goes {
			p.say("pull.ordered", "folder", req.Out, "command", a.verb("pulls"))
		}
	})
}

// ordered says what becomes of datasets that were opened before.
func (p printer) ordered(res *nodepb.PullResponse) {
	for _, pull := range res.Again {
		if pull.Again {
			p.say("pull.again", "deal", pull.DealId, "path", pull.Path)
		} else { // it came at once
			p.say("pull.came_again", "deal", pull.DealId, "path", pull.Path)
		}
	}
	for _, pull := range res.Present {
		p.say("pull.present", "deal", pull.DealId, "path", pull.Path)
	}
	for _, pull := range res.Gone {
		p.say("pull.gone", "deal", pull.DealId, "reason", pull.Reason)
	}
}

// filesGone says that files are not where they were put, or nothing if they are.
func (p printer) filesGone(pull *nodepb.Pulled) string {
	switch model.Files(pull.Files) {
	case model.FilesMissing:
		return " " + p.t("pull.files_missing")
	case model.FilesChanged:
		return " " + p.t("pull.files_changed")
	}
	return ""
}

func (p printer) pulled(pull *nodepb.Pulled) string {
	text := p.reached(pull.DealId, pull.State, pull.Reason)
	if pull.Path != "" {
		text += " " + p.t("pull.opened", "records", p.t("count.records", "n", pull.Records), "path", pull.Path)
	}
	return text + p.filesGone(pull)
}
