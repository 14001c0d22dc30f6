package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
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
	yesFlag(cmd)
	return cmd
}

// confirmPull says what an ack is, and asks with the price.
func (a *app) confirmPull(cmd *cobra.Command, req *nodepb.PullRequest) error {
	price := a.t("pull.pool_price")
	if yes, _ := cmd.Flags().GetBool("yes"); !yes && isTerminal(a.in) {
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
		f := a.newPullsFollower(client, req)
		defer f.bar.hide()
		return a.watch(ctx, client, req.PoolId, f)
	}
	return a.show(res, func(p printer) {
		p.say("pull.ordered", "folder", req.Out, "command", a.verb("pulls"))
	})
}

func (p printer) pulled(pull *nodepb.Pulled) string {
	text := p.reached(pull.DealId, pull.State, pull.Reason)
	if pull.Path != "" {
		text += " " + p.t("pull.opened", "records", p.t("count.records", "n", pull.Records), "path", pull.Path)
	}
	return text
}
